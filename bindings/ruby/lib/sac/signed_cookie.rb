# frozen_string_literal: true

module SAC
  # Signed cookies in the format of itsdangerous' TimestampSigner, as cookie-manager verifies them.
  # {Client#add_signed_cookie} sends one with every request; these functions are for the server.
  module SignedCookie
    class << self
      # @param payload [Hash, String] the payload, or its JSON text; `key_id` is added to it
      # @param digest [Symbol] one of {DIGESTS}
      # @return [String] `<json>.<timestamp>.<mac>`, with the current time
      # @raise [InputError] if an argument is invalid
      def sign(payload, key_id:, key:, digest: :sha1)
        json = json_of(payload)
        Native.create_string("cookie", :sac_cookie_sign, json, Text.utf8(key_id), Text.utf8(key), digest(digest))
      end

      # @param cookie [String] a signed value, raw or as a quoted string
      # @param keys [Hash{String => String}] the keys by their ids; the payload names the key to use
      # @param max_age [Numeric, nil] the greatest accepted age in seconds; nil accepts any age
      # @return [Hash] the payload
      # @raise [InvalidCookie] if the signature is wrong, or the cookie is too old
      def verify(cookie, keys:, max_age: nil, digest: :sha1)
        ids, secrets = [keys.keys, keys.values].map { |texts| Native.string_array(texts) }
        JSONText.parse(Native.create_string("cookie", :sac_cookie_verify, Text.utf8(cookie), ids, secrets, keys.size,
                                            Seconds.whole("max_age", max_age), digest(digest)))
      end

      # @return [Integer] the number of a digest
      # @raise [InvalidArgument] if there is no such digest
      # @api private
      def digest(name)
        DIGESTS.fetch(name) { raise Error.for(:invalid_argument, "no such digest: #{name}") }
      end

      # @api private
      def json_of(payload)
        payload.is_a?(String) ? Text.utf8(payload) : JSONText.generate(payload)
      end
    end
  end
end
