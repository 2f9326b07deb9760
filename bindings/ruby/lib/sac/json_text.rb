# frozen_string_literal: true

module SAC
  # Converts between JSON texts and Ruby values.
  module JSONText
    # Deeper documents are refused: the parser is recursive, and a server must not decide how much stack it
    # uses.
    MAX_NESTING = 512

    # An escape; the group `lone` matches a surrogate without its other half.
    ESCAPE = /\\(?:u[dD][89abAB]\h\h\\u[dD][c-fC-F]\h\h|u(?<lone>[dD][89a-fA-F]\h\h)|.)/m
    private_constant :ESCAPE

    class << self
      # Parses a text. A lone surrogate becomes U+FFFD. A number beyond the range of floats becomes infinity, which
      # JSON cannot represent.
      #
      # @param text [String] a well-formed text
      # @return [Hash, Array, String, Numeric, true, false, nil] integers of any size are exact
      # @raise [JSON::NestingError] if it is nested deeper than {MAX_NESTING}
      def parse(text, symbolize_names: false)
        JSON.parse(without_lone_surrogates(text), max_nesting: MAX_NESTING, symbolize_names: symbolize_names)
      end

      # Generates the text of a value. An object is converted by its `as_json` (as in Rails) or its own `to_json`,
      # or else by its `to_h` or `to_a`. Times are in ISO 8601.
      #
      # @return [String]
      # @raise [ArgumentError] for an object without these methods, and for a file
      # @raise [InvalidUTF8, InvalidJSON] for a string that is not UTF-8, and for NaN and infinities
      def generate(value)
        JSON.generate(native?(value) ? value : plain(value), max_nesting: 0)
      rescue JSON::GeneratorError, EncodingError
        # Raises an error that names the value.
        JSON.generate(plain(value), max_nesting: 0)
      rescue SystemStackError
        raise ArgumentError, "json: #{value.class} is nested too deep, or contains itself"
      end

      # Repairs JSON from any source, as the library repairs the bodies of responses.
      #
      # @param text [String] bytes in UTF-8, UTF-16, UTF-32 or Latin-1
      # @return [String] well-formed JSON
      # @raise [NotJSON] if the text cannot be repaired
      def repair(text)
        # A copy, because other threads may change the caller's string meanwhile.
        bytes = text.b.freeze
        Native.create_string("repair", :sac_json_repair, bytes, bytes.bytesize)
      end

      private

      # Parsers raise an error for lone surrogates, or return a string that is not UTF-8.
      def without_lone_surrogates(text)
        return text unless text.include?('\ud') || text.include?('\uD')

        text.gsub(ESCAPE) { |escape| Regexp.last_match(:lone) ? '\ufffd' : escape }
      end

      # Whether the gem json can generate the whole value. This is the fast path for most values.
      def native?(value)
        case value
        when String then value.encoding == Encoding::UTF_8
        when Integer, Float, Symbol, nil, true, false then true
        when Array then value.all? { |element| native?(element) }
        else value.instance_of?(Hash) && native_members?(value)
        end
      end

      def native_members?(hash)
        hash.each { |name, member| return false unless native?(name) && native?(member) }
        true
      end

      # Converts a value to the types of JSON.
      def plain(value)
        case value
        when nil, true, false, Integer then value
        when String, Symbol then text(value)
        when Float then finite_number(value)
        when Hash then value.each_with_object({}) { |(name, member), members| members[text(name)] = plain(member) }
        when Array then value.map { |element| plain(element) }
        else plain(converted(value))
        end
      end

      def text(value)
        text = Text.utf8(value.nil? ? "" : value)
        text = text.dup.force_encoding(Encoding::UTF_8) unless text.encoding == Encoding::UTF_8
        text.valid_encoding? ? text : raise(Error.for(:invalid_utf8, "json: a string is not UTF-8"))
      end

      def finite_number(number)
        number.finite? ? number : raise(Error.for(:invalid_json, "json: #{number} cannot be represented in JSON"))
      end

      def converted(value)
        raise ArgumentError, "json: an object of #{value.class} cannot be converted to JSON" unless convertible?(value)
        return value.as_json if value.respond_to?(:as_json)
        return Text.iso8601(value) if Text.time?(value)
        return parse(value.to_json) if own_to_json?(value)
        return value.to_s if value.is_a?(Numeric)

        value.is_a?(Enumerable) && !value.is_a?(Struct) ? value.to_a : value.to_h
      end

      # Readers, such as an uploaded file, cannot be converted.
      def convertible?(value)
        return false if value.respond_to?(:read) || value.is_a?(Redacted)

        Text.time?(value) || own_to_json?(value) || value.is_a?(Numeric) ||
          %i[as_json to_a to_h].any? { |method| value.respond_to?(method) }
      end

      # The gem json gives every object a `to_json`, which only uses its `to_s`.
      def own_to_json?(value)
        value.respond_to?(:to_json) && !value.method(:to_json).owner.name.to_s.include?("GeneratorMethods")
      end
    end
  end
end
