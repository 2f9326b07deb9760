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

    # The names of an option, each with its values, from a hash or a list of pairs. A value that is
    # an array stands for several, nil for none.
    #
    # @raise [ArgumentError] where it is anything else; the values, which may be secret, are not shown
    def self.names(option, list)
      raise ArgumentError, "#{option} has to be a Hash or a list of pairs, not #{list.class}" unless list.is_a?(Enumerable)

      list.map do |name, *values|
        raise ArgumentError, "#{option} has a name that stands without a value" if name.nil? || values.size != 1

        [name, several(option, name, values.first)]
      end
    end

    # As {names}, with a pair for each value.
    def self.pairs(option, list)
      names(option, list).flat_map do |name, values|
        values.map { |value| [utf8(name), utf8(value)] }
      end
    end

    # As {names}, for fields of a header: several values become one (RFC 9110 section 5.3).
    def self.fields(option, list)
      names(option, list).filter_map do |name, values|
        [field_name(name), values.map { |value| utf8(value) }.join(", ")] unless values.empty?
      end
    end

    # What is read of a value that can be read, such as a StringIO; anything else as it is.
    def self.read(value)
      value.respond_to?(:read) ? value.read : value
    end

    def self.several(option, name, value)
      values = (value.is_a?(Array) ? value : [value]).compact
      raise ArgumentError, "#{option}: a hash has no place in #{name.inspect}" if values.any?(Hash)

      values
    end
    private_class_method :several
  end
end
