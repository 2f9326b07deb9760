# frozen_string_literal: true

module SAC
  # Signed cookies in the format of itsdangerous' TimestampSigner, as cookie-manager verifies them.
  # {Client#add_signed_cookie} sends one with every request; these are for the other side.
  module SignedCookie
    class << self
      # @param payload [Hash, String] what is signed, or its JSON text; `key_id` is added to it
      # @param digest [Symbol] one of {DIGESTS}
      # @return [String] `<json>.<timestamp>.<mac>`, with the time of now
      # @raise [InputError] where an argument is refused
      def sign(payload, key_id:, key:, digest: :sha1)
        json = json_of(payload)
        Native.made_string("cookie", :sac_cookie_sign, json, Text.utf8(key_id), Text.utf8(key), digest(digest))
      end

      # @param cookie [String] a signed value, raw or as a quoted string
      # @param keys [Hash{String => String}] the keys by their ids; the payload names the one that counts
      # @param max_age [Numeric, nil] the greatest age in seconds; nil for any
      # @return [Hash] the payload
      # @raise [InvalidCookie] where it does not verify, or is too old
      def verify(cookie, keys:, max_age: nil, digest: :sha1)
        ids, secrets = [keys.keys, keys.values].map { |texts| Native.string_array(texts) }
        JSONText.parse(Native.made_string("cookie", :sac_cookie_verify, Text.utf8(cookie), ids, secrets, keys.size,
                                          seconds(max_age), digest(digest)))
      end

      # @return [Integer] the number of a digest
      # @raise [InvalidArgument] where there is no such digest
      # @api private
      def digest(name)
        DIGESTS.fetch(name) { raise Error.for(:invalid_argument, "no such digest: #{name}") }
      end

      # @api private
      def json_of(payload)
        payload.is_a?(String) ? Text.utf8(payload) : JSONText.generate(payload)
      end

      private

      # Less than a second is a second: none would stand for any age.
      def seconds(max_age)
        return 0 if max_age.nil?
        raise ArgumentError, "max_age has to be positive" unless max_age.positive?

        max_age.ceil
      end
    end
  end
end
