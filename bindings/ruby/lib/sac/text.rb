# frozen_string_literal: true

module SAC
  # Texts on their way to the library.
  #
  # @api private
  module Text
    AS_THEY_ARE = [Encoding::UTF_8, Encoding::US_ASCII, Encoding::BINARY].freeze
    # Control and format characters, but for the joiners that words of some languages and emoji have.
    HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029&&[^\u200C\u200D]]/
    private_constant :AS_THEY_ARE, :HIDDEN

    # A text as UTF-8; bytes of no encoding are passed on, and the library checks them. Nil stays nil.
    #
    # @raise [InvalidUTF8] if it cannot be turned into UTF-8
    # @raise [ArgumentError] if it is an object without a text
    def self.utf8(value)
      return if value.nil?

      text = plain(value)
      AS_THEY_ARE.include?(text.encoding) ? text : text.encode(Encoding::UTF_8)
    rescue EncodingError
      raise Error.for(:invalid_utf8, "a text in #{text.encoding} cannot be turned into UTF-8")
    end

    # The text of a value: of a time in ISO 8601.
    #
    # @raise [ArgumentError] if it has none but `#<Object>`
    def self.plain(value)
      return value if value.is_a?(String)

      text = time?(value) ? iso8601(value) : value.to_s
      raise ArgumentError, "an object of #{value.class} has no text" if text.start_with?("#<")

      text
    end

    def self.time?(value)
      value.is_a?(Time) || (defined?(::Date) && value.is_a?(::Date))
    end

    # Milliseconds, as Rails has them; a date has none.
    def self.iso8601(time)
      return time.iso8601 if defined?(::Date) && time.instance_of?(::Date)

      require "time"
      time.iso8601(3)
    end

    # A text to be shown on one line, whatever bytes it has. As in the library's own, characters that say how
    # others are shown are escaped.
    def self.shown(text)
      text.to_s.dup.force_encoding(Encoding::UTF_8).scrub.gsub(HIDDEN) { |character| character.dump[1..-2] }
    end

    # The path of a file, from a string, a File or a Pathname.
    def self.path(value)
      utf8(value.respond_to?(:to_path) ? value.to_path : value)
    end

    # The name of a header field. A symbol has underscores for hyphens.
    def self.field_name(name)
      name.is_a?(Symbol) ? name.to_s.tr("_", "-") : utf8(name)
    end

    # The names of an option, each with its values, from a hash, a list of pairs, or what becomes a
    # hash, such as the parameters of Rails. A value that is an array or a set stands for several, nil
    # for none.
    #
    # @raise [ArgumentError] if it is anything else; the values, which may be secret, are not shown
    def self.names(option, list)
      list = list.to_h if !list.is_a?(Enumerable) && list.respond_to?(:each_pair)
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
      list = value.is_a?(Array) || (defined?(::Set) && value.is_a?(::Set))
      values = (list ? value.to_a : [value]).compact
      raise ArgumentError, "#{option}: a hash has no place in #{name.inspect}" if values.any?(Hash)

      values
    end
    private_class_method :several
  end
end
