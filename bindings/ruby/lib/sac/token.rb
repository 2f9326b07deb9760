# frozen_string_literal: true

module SAC
  # A bearer token for the setting `token`, and how long it may be used from now on, in seconds; nil if that is
  # unknown. Its `inspect` does not show it.
  Token = Struct.new(:value, :expires_in, keyword_init: true) do
    include Redacted

    # Does not show secrets.
    def inspect
      "#<#{self.class}>"
    end
    alias_method :to_s, :inspect
  end

  # The argument of `on_token_saved`: what a token server has issued. `refresh_token` is nil if it has issued none, and
  # `expires_in` in seconds if it is known. Its `inspect` does not show them.
  SavedToken = Struct.new(:access_token, :refresh_token, :expires_in, keyword_init: true) do
    include Redacted

    # Does not show secrets.
    def inspect
      "#<#{self.class}>"
    end
    alias_method :to_s, :inspect
  end

  # Calls a `token`, which fetches tokens.
  #
  # @api private
  class TokenTarget
    REASONS = { 1 => :needed, 2 => :expiring, 3 => :refused }.freeze
    # The fiber-local variable with the targets that this fiber calls. The library recognises a call within a fetch by
    # its thread, but a call can run on a helper thread.
    CALLING = :sac_token_targets
    EXPIRING = REASONS.key(:expiring)
    private_constant :REASONS, :CALLING

    def self.receive(reason)
      [REASONS.fetch(reason, :needed)]
    end

    # Whether this fiber is in a call of one of these targets.
    def self.calling?(targets)
      calling = Thread.current[CALLING]
      calling ? !(calling & targets).empty? : false
    end

    # A `token` that raised an error. Other exceptions, such as an interrupt, end the call at once.
    Failure = Struct.new(:error) do
      def code
        CODES.key(error.is_a?(SAC::Error) ? error.code : :token) || CODES.key(:token)
      end
    end

    # Sets the token of C.
    #
    # @return [Integer] the code for C
    def self.store(pointer, result)
      case result
      when Token then Native.call(:sac_token_set, pointer, *result)
      when Failure then result.code
      else CODES.key(:cancelled)
      end
    end

    def initialize(callable)
      raise ArgumentError, "token must have the method call" unless callable.respond_to?(:call)

      @callable = callable
    end

    # @return [Token, Failure] the token with the arguments for C: a text and milliseconds
    def call(reason)
      outer = Thread.current[CALLING]
      Thread.current[CALLING] = [self, *outer]
      converted(@callable.call(reason))
    rescue StandardError => e
      Failure.new(e)
    ensure
      Thread.current[CALLING] = outer
    end

    private

    def converted(token)
      token = Token.new(value: token) if token.respond_to?(:to_str)
      raise TypeError, "token must return a String or a SAC::Token, not #{token.class}" unless token.is_a?(Token)
      raise TypeError, "the value of a SAC::Token is nil" if token.value.nil?

      Token.new(value: Text.utf8(token.value), expires_in: Setting::Converters.milliseconds(token.expires_in).first)
    end
  end

  # Calls an `on_token_saved`.
  #
  # @api private
  class TokenSavedTarget < OptionTarget
    OPTION = "on_token_saved"

    def self.receive(access_token, refresh_token, expires_in_ms)
      expires_in = expires_in_ms.zero? ? nil : expires_in_ms / 1000.0
      texts = [access_token, refresh_token].map { |text| text&.dup&.force_encoding(Encoding::UTF_8) }
      [SavedToken.new(access_token: texts[0], refresh_token: texts[1], expires_in: expires_in)]
    end
  end
end
