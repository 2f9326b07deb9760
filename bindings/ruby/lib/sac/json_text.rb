# frozen_string_literal: true

module SAC
  # JSON texts and Ruby's values.
  module JSONText
    # Deeper documents are refused: the parser goes down the stack, and a server must not decide how
    # deep that is.
    MAX_NESTING = 512

    # @param text [String] a well-formed text
    # @return [Hash, Array, String, Numeric, true, false, nil] integers of any size are exact
    # @raise [JSON::NestingError] where it is nested deeper than {MAX_NESTING}
    def self.parse(text, symbolize_names: false)
      JSON.parse(text, max_nesting: MAX_NESTING, symbolize_names: symbolize_names)
    end

    # @return [String] the text of a value
    # @raise [JSON::GeneratorError] where the value has none, such as NaN
    def self.generate(value)
      JSON.generate(value, max_nesting: 0)
    end

    # Repairs JSON from anywhere, as the library repairs the bodies of responses.
    #
    # @param text [String] bytes in any encoding that can be told
    # @return [String] well-formed JSON
    # @raise [NotJSON] where nothing can be saved
    def self.repair(text)
      # A copy, since other threads may change the caller's while it is read.
      bytes = text.b.freeze
      Native.made_string("repair") { |out| Native.sac_json_repair(bytes, bytes.bytesize, out) }
    end
  end
end
