# frozen_string_literal: true

module SAC
  # What a call with a `!` raises, and what setting up refuses. Each code of the library has a class
  # of its own, in one of four groups; see {ERRORS}.
  class Error < StandardError
    # @return [Symbol, nil] the code, such as `:timeout`
    attr_reader :code

    # @return [Response, nil] what came of the call; nil where there was none
    attr_reader :response

    # @param message [String, nil] what went wrong, on one line
    # @param code [Symbol, nil] one of {CODES}
    # @param response [Response, nil] what came of the call
    def initialize(message = nil, code: nil, response: nil)
      super(message)
      @code = code
      @response = response
    end

    # @return [Integer] the HTTP status; 0 where no response arrived
    def status
      response ? response.status : 0
    end

    # The error for a code.
    #
    # @param code [Symbol] one of {CODES}
    # @param message [String] what went wrong; it becomes one line
    # @return [Error] of the class that stands for the code
    def self.for(code, message, response: nil)
      type = ERRORS.fetch(code, self)
      type = StatusError.of(response.status) if type == StatusError && response
      type.new(Text.shown(message), code: code, response: response)
    end
  end

  # The caller's input was refused.
  class InputError < Error; end

  # No whole response arrived.
  class NetworkError < Error; end

  # A response arrived, and it is not what was asked for.
  class AnswerError < Error; end

  # The call was ended by the caller, or by a bug of the library.
  class ControlError < Error; end

  # The client has been closed.
  class ClientClosed < Error; end
end
