# frozen_string_literal: true

module SAC
  # The way from the library back to Ruby.
  #
  # The library calls on the thread that makes the call, so a callback never meets a thread that Ruby
  # does not know. The functions that C holds live as long as the process, and know their target by
  # a number alone: whatever the garbage collector takes, C never holds a dead pointer.
  #
  # @api private
  module Callbacks
    # Targets by their numbers. Clients keep them alive, and so does whoever waits for a call.
    TARGETS = ObjectSpace::WeakMap.new
    # Names the fiber-local variable that holds who makes the call.
    CONTEXT = :sac_call
    private_constant :TARGETS, :CONTEXT

    class << self
      # @return [FFI::Pointer] what C is to hand back to reach a target
      def userdata(target)
        number = target.object_id
        TARGETS[number] = target
        FFI::Pointer.new(number)
      end

      # Makes it known who makes the calls of this thread while the block runs.
      def within(context)
        outer = Thread.current[CONTEXT]
        Thread.current[CONTEXT] = context
        yield
      ensure
        Thread.current[CONTEXT] = outer
      end

      # Hands a call from C over to whom it concerns. Nothing ever gets out of here but a value.
      #
      # @param type [Class] of the target; copies what is C's
      def dispatch(type, userdata, arguments)
        context = Thread.current[CONTEXT]
        context ? context.call_back(userdata.address, type.receive(*arguments)) : true
      rescue Exception # rubocop:disable Lint/RescueException
        # An exception would unwind the library's frames.
        nil
      end

      # Calls a target, on the thread that keeps it.
      def run(number, arguments)
        target = TARGETS[number]
        target ? target.call(*arguments) : true
      end

      private

      def function(name, type)
        parameters, result = Native::CALLBACKS.fetch(name)
        FFI::Function.new(result, parameters) { |userdata, *arguments| dispatch(type, userdata, arguments) ? true : false }
      end
    end

    # What C calls for each log message.
    LOG = function(:sac_log_callback, LogTarget)
    # What C calls before each retry.
    RETRY = function(:sac_retry_callback, RetryTarget)
    # What C calls with each piece of a body.
    OUTPUT = function(:sac_data_callback, OutputTarget)
    # What C calls as bodies come and go.
    PROGRESS = function(:sac_progress_callback, ProgressTarget)
  end
end
