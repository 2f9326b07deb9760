# frozen_string_literal: true

module SAC
  # The error that a call with a `!` raises, and invalid settings. Each code of the library has its own class,
  # in one of four groups; see {ERRORS}.
  class Error < StandardError
    # @return [Symbol, nil] the code, such as `:timeout`
    attr_reader :code

    # @return [Response, nil] the response of the call; nil if there was no call
    attr_reader :response

    # @param message [String, nil] what went wrong, on one line
    # @param code [Symbol, nil] one of {CODES}
    # @param response [Response, nil] the response of the call
    def initialize(message = nil, code: nil, response: nil)
      super(message)
      @code = code
      @response = response
    end

    # @return [Integer] the HTTP status; 0 if no response arrived
    def status
      response ? response.status : 0
    end

    # Makes the error for a code.
    #
    # @param code [Symbol] one of {CODES}
    # @param message [String] what went wrong; it becomes one line
    # @return [Error] of the class for the code
    def self.for(code, message, response: nil)
      type = ERRORS.fetch(code, self)
      type = StatusError.of(response.status) if type == StatusError && response
      type.new(Text.printable(message), code: code, response: response)
    end
  end

  # The caller's input is invalid.
  class InputError < Error; end

  # No complete response arrived.
  class NetworkError < Error; end

  # A response arrived, but it is an error or not usable.
  class AnswerError < Error; end

  # The caller ended the call, or the library has a bug.
  class ControlError < Error; end

  # The client is closed.
  class ClientClosed < Error; end
end
