# frozen_string_literal: true

module SAC
  # Converts texts for the library.
  #
  # @api private
  module Text
    UTF8_COMPATIBLE = [Encoding::UTF_8, Encoding::US_ASCII, Encoding::BINARY].freeze
    # Control and format characters, except for the joiners in some languages and emoji.
    HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029&&[^\u200C\u200D]]/
    private_constant :UTF8_COMPATIBLE, :HIDDEN

    # Converts a text to UTF-8. Binary strings stay unchanged, and the library checks them. Nil stays nil.
    #
    # @raise [InvalidUTF8] if it cannot be converted to UTF-8
    # @raise [ArgumentError] if it is an object without a text
    def self.utf8(value)
      # First the usual case, because each call comes here.
      return value if value.instance_of?(String) && value.encoding == Encoding::UTF_8
      return if value.nil?

      text = plain(value)
      UTF8_COMPATIBLE.include?(text.encoding) ? text : text.encode(Encoding::UTF_8)
    rescue EncodingError
      raise Error.for(:invalid_utf8, "a text in #{text.encoding} cannot be converted to UTF-8")
    end

    # The text of a value. Times are in ISO 8601.
    #
    # @raise [ArgumentError] if its only text is `#<Object>`
    def self.plain(value)
      return value if value.is_a?(String)

      text = time?(value) ? iso8601(value) : value.to_s
      raise ArgumentError, "an object of #{value.class} has no text" if text.start_with?("#<")

      text
    end

    def self.time?(value)
      value.is_a?(Time) || (defined?(::Date) && value.is_a?(::Date))
    end

    # With milliseconds, as in Rails; a date has none.
    def self.iso8601(time)
      return time.iso8601 if defined?(::Date) && time.instance_of?(::Date)

      require "time"
      time.iso8601(3)
    end

    # Freezes received bytes: as a text in UTF-8, or with binary encoding if they are not UTF-8.
    #
    # @return [String] the same
    def self.received(bytes)
      bytes.force_encoding(Encoding::UTF_8)
      (bytes.valid_encoding? ? bytes : bytes.force_encoding(Encoding::BINARY)).freeze
    end

    # A text that can be shown on one line, with any bytes. As in the library's own texts, control and format
    # characters are escaped.
    def self.printable(text)
      text.to_s.dup.force_encoding(Encoding::UTF_8).scrub.gsub(HIDDEN) { |character| character.dump[1..-2] }
    end

    # The path of a file, from a string, a File or a Pathname.
    def self.path(value)
      utf8(value.respond_to?(:to_path) ? value.to_path : value)
    end

    # The name of a header field. A symbol has underscores instead of hyphens.
    def self.field_name(name)
      name.is_a?(Symbol) ? name.to_s.tr("_", "-") : utf8(name)
    end

    # The names of an option, each with its values, from a hash, a list of pairs, or an object that converts to a
    # hash, such as the parameters of Rails. An array or a set means several values, nil none.
    #
    # @raise [ArgumentError] for anything else; the message does not contain the values, which may be secret
    def self.names(option, list)
      list = list.to_h if !list.is_a?(Enumerable) && list.respond_to?(:each_pair)
      raise ArgumentError, "#{option} must be a Hash or a list of pairs, not #{list.class}" unless list.is_a?(Enumerable)

      list.map do |name, *values|
        raise ArgumentError, "#{option} has an item that is not a pair of name and value" if name.nil? || values.size != 1

        [name, expand(option, name, values.first)]
      end
    end

    # Like {names}, with a pair for each value.
    def self.pairs(option, list)
      names(option, list).flat_map do |name, values|
        values.map { |value| [utf8(name), utf8(value)] }
      end
    end

    # Like {names}, for header fields: several values become one (RFC 9110 section 5.3).
    def self.fields(option, list)
      names(option, list).filter_map do |name, values|
        [field_name(name), values.map { |value| utf8(value) }.join(", ")] unless values.empty?
      end
    end

    # The content of a reader, such as a StringIO; other values unchanged.
    def self.read_all(value)
      value.respond_to?(:read) ? value.read : value
    end

    def self.expand(option, name, value)
      list = value.is_a?(Array) || (defined?(::Set) && value.is_a?(::Set))
      values = (list ? value.to_a : [value]).compact
      raise ArgumentError, "#{option}: #{name.inspect} cannot contain a hash" if values.any?(Hash)

      values
    end
    private_class_method :expand
  end
end
