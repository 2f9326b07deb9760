# frozen_string_literal: true

module SAC
  # The argument of `on_attempt`: a request that is about to be sent. It is valid until `on_attempt` returns.
  #
  #     on_attempt: ->(attempt) { attempt["X-Signature"] = OpenSSL::HMAC.hexdigest("SHA256", key, attempt.body.to_s) }
  class Attempt
    include Redacted

    # @api private
    def initialize(native)
      @native = native
    end

    # @return [String] the method, such as `"POST"`
    def verb
      text(:sac_attempt_method)
    end

    # @return [String] the full URL with its query, which may contain secrets
    def url
      text(:sac_attempt_url)
    end

    # @return [String] the path and the query as they are sent
    def target
      text(:sac_attempt_target)
    end

    # @return [Integer] the number of the attempt in its call, from 1; a redirect does not begin a new attempt
    def number
      Native.sac_attempt_number(native)
    end

    # @param name [String, Symbol] case-insensitive; a symbol has underscores instead of hyphens
    # @return [String, nil] the value of a header field as it will be sent, with cookies, credentials, `Host` and
    #   `Content-Length`
    def [](name)
      text(:sac_attempt_header, Text.field_name(name))
    end

    # Sets a header field for this request alone, or replaces it. A retry and a redirect start without it. No log
    # line and no error contains the value.
    #
    # @raise [InvalidHeader] for the fields that {Client#add_header} refuses
    def []=(name, value)
      Native.check(Native.call(:sac_attempt_set_header, native, Text.field_name(name), Text.utf8(value)), "header #{name}")
    end

    # @return [String, nil] the body; nil if it does not lie in memory in one piece: a file, or a form with parts
    def body
      length = FFI::MemoryPointer.new(:size_t)
      bytes = Native.sac_attempt_body(native, length)
      bytes.read_bytes(length.get(:size_t, 0)) unless bytes.null?
    end

    # @return [String, nil] the SHA-256 of the body in hexadecimal, also of a file, which is read once more for it; nil if
    #   the file cannot be read, which ends the call
    def body_sha256
      text(:sac_attempt_body_sha256)
    end

    # Does not show the URL, which may be secret.
    def inspect
      "#<#{self.class}#{' closed' unless @native}>"
    end

    # After this, C frees the memory.
    #
    # @api private
    def close
      @native = nil
    end

    private

    def native
      @native or raise Error.for(:invalid_argument, "an attempt is valid only until on_attempt returns")
    end

    def text(function, *arguments)
      Native.public_send(function, native, *arguments)&.force_encoding(Encoding::UTF_8)
    end
  end
end
