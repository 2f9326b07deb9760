# frozen_string_literal: true

module SAC
  # Texts on their way to the library.
  #
  # @api private
  module Text
    AS_THEY_ARE = [Encoding::UTF_8, Encoding::US_ASCII, Encoding::BINARY].freeze
    private_constant :AS_THEY_ARE

    # A text as UTF-8; bytes of no encoding are passed on, and the library checks them. Nil stays nil.
    def self.utf8(value)
      return if value.nil?

      text = value.to_s
      AS_THEY_ARE.include?(text.encoding) ? text : text.encode(Encoding::UTF_8)
    end

    # The path of a file, from a string, a File or a Pathname.
    def self.path(value)
      utf8(value.respond_to?(:to_path) ? value.to_path : value)
    end

    # The name of a header field. A symbol has underscores for hyphens.
    def self.field_name(name)
      name.is_a?(Symbol) ? name.to_s.tr("_", "-") : utf8(name)
    end

    # Names and values, from a hash or an array of pairs. A value that is an array stands for several
    # pairs, nil for none.
    def self.pairs(list)
      list.flat_map do |name, value|
        raise ArgumentError, "a hash has no place in #{name.inspect}" if value.is_a?(Hash)

        (value.is_a?(Array) ? value : [value]).compact.map { |single| [utf8(name), utf8(single)] }
      end
    end
  end
end
