# frozen_string_literal: true

module SAC
  # The callbacks from the library to Ruby.
  #
  # The library calls back on the thread that makes the call, so Ruby knows every such thread. The functions
  # that C gets live as long as the process, and identify their target only by a number, so C never has a
  # pointer to an object that the garbage collector has freed.
  #
  # @api private
  module Callbacks
    # Targets by their numbers. The client and the thread that waits for a call keep them alive.
    TARGETS = ObjectSpace::WeakMap.new
    # The name of the fiber-local variable for the context of the current call.
    CONTEXT = :sac_call
    private_constant :TARGETS, :CONTEXT

    class << self
      # @return [FFI::Pointer] the userdata with which C identifies a target
      def userdata(target)
        number = target.object_id
        TARGETS[number] = target
        FFI::Pointer.new(number)
      end

      # Sets the context of the calls of this thread while the block runs.
      def with_context(context)
        outer = Thread.current[CONTEXT]
        Thread.current[CONTEXT] = context
        yield
      ensure
        Thread.current[CONTEXT] = outer
      end

      # Passes a call from C to the context of the current call. It raises no exception.
      #
      # @param type [Class] of the target; copies the arguments from C's memory
      def dispatch(type, userdata, arguments)
        context = Thread.current[CONTEXT]
        context ? context.dispatch_callback(userdata.address, type.receive(*arguments)) : true
      rescue Exception # rubocop:disable Lint/RescueException
        # An exception would unwind the library's frames.
        nil
      end

      # Calls a target, on the thread that keeps it alive.
      def run(number, arguments)
        target = TARGETS[number]
        target ? target.call(*arguments) : true
      end

      private

      def function(name, type, &reply)
        parameters, result = Native::CALLBACKS.fetch(name)
        reply ||= ->(returned, *) { returned ? true : false }
        FFI::Function.new(result, parameters) do |userdata, *arguments|
          reply.call(dispatch(type, userdata, arguments), *arguments)
        end
      end

      def token_function
        parameters, result = Native::CALLBACKS.fetch(:sac_token_callback)
        FFI::Function.new(result, parameters) { |userdata, reason, token| fetch_token(userdata, reason, token) }
      end

      # Raises no exception.
      def fetch_token(userdata, reason, token)
        result = dispatch(TokenTarget, userdata, [reason])
        # A call can continue with a token that expires.
        failed = result.is_a?(TokenTarget::Failure) && reason != TokenTarget::EXPIRING
        Thread.current[CONTEXT].fail_with(result.error) if failed
        TokenTarget.store(token, result)
      rescue Exception # rubocop:disable Lint/RescueException
        CODES.key(:token)
      end
    end

    # C calls it for each log message.
    LOG = function(:sac_log_callback, LogTarget)
    # C calls it before each retry.
    RETRY = function(:sac_retry_callback, RetryTarget)
    # C calls it before each request that goes out.
    ATTEMPT = function(:sac_attempt_callback, AttemptTarget)
    # C calls it to get a token.
    TOKEN = token_function
    # C calls it with the tokens that a token server has issued.
    TOKEN_SAVED = function(:sac_token_saved_callback, TokenSavedTarget)
    # C calls it with each piece of a body.
    OUTPUT = function(:sac_data_callback, OutputTarget)
    # C calls it while bodies are sent and received.
    PROGRESS = function(:sac_progress_callback, ProgressTarget)
    # C calls it for each event of a call.
    TRACE = function(:sac_trace_callback, TraceTarget)
    # C calls it for the next bytes of a body.
    BODY = function(:sac_body_callback, BodyTarget, &BodyTarget.method(:reply))
    # C calls it to send a body again.
    REWIND = function(:sac_rewind_callback, RewindTarget)
  end
end
