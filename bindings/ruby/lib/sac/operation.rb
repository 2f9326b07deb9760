# frozen_string_literal: true

module SAC
  # One use of the library that may wait for the network: a call, or a read from a stream. It runs on the thread that
  # wants the result, or on a worker of {WorkerPool}. Another thread may cancel it.
  #
  # @api private
  class Operation
    # The mask for `Thread.handle_interrupt`. An exception from another thread in the middle of the work would
    # leave native memory without an owner.
    HOLD_INTERRUPTS = { Object => :never }.freeze

    # @param runtime [Runtime]
    # @param calls_back [Boolean] whether the library may call back meanwhile
    def initialize(runtime, calls_back)
      @runtime = runtime
      @calls_back = calls_back
      @caller = Thread.current
      # The native cancel, while the operation can be cancelled. The thread that removes it owns it, so that nobody
      # triggers it for a later operation or after it was freed.
      @native_cancels = []
      @cancelled = false
    end

    # Whether the library may call back.
    def calls_back?
      @calls_back
    end

    # Like {Runtime#current_process?}.
    def current_process?
      @runtime.current_process?
    end

    # Whether the thread that wants the result has died.
    def caller_dead?
      !@caller.alive?
    end

    # Runs on the calling thread.
    #
    # @return [Object] the result
    # @raise [Exception] what a callback raised
    def run
      result = Thread.handle_interrupt(HOLD_INTERRUPTS) { perform(self) }
      raise @failure if @failure

      result
    end

    # Ends the operation within 100 ms, with the code `:cancelled`. Any thread may call it, and `Signal.trap` too.
    def cancel
      Thread.handle_interrupt(HOLD_INTERRUPTS) do
        @cancelled = true
        # After a fork, the parent still uses the descriptors of the cancel.
        native = @native_cancels.pop if current_process?
        if native
          Native.sac_cancel_trigger(native)
          Native.sac_cancel_free(native)
        end
        @context&.stop_waiting
      end
    end

    # Nobody waits: the callback runs on the thread that is in the library.
    def stop_waiting; end

    # Runs a callback above the library's frames, which must not be unwound: {#run} raises the callback's
    # exception afterwards.
    def dispatch_callback(target, arguments)
      unwinding = true
      result = Callbacks.run(target, arguments)
      unwinding = false
      result
    rescue Exception => e # rubocop:disable Lint/RescueException
      unwinding = false
      @failure ||= e
      nil
    ensure
      if unwinding
        @failure ||= LocalJumpError.new("a callback cannot be left by throw, break or Thread.exit")
        return nil # rubocop:disable Lint/EnsureReturn
      end
    end

    private

    # Lets interrupts and the caller's cancels trigger a native cancel while the block runs. Afterwards {#keep_cancel}
    # gets it, unless it was triggered.
    #
    # @param native [FFI::Pointer, nil] nil if it was triggered before
    # @param sources [Array<Cancel>]
    def with_cancel(native, sources, &block)
      @native_cancels << native if native
      # Read after the native cancel is in place: an earlier cancel found nothing to trigger.
      cancel if @cancelled
      block = sources.reduce(block) { |inner, source| -> { source.during(self, &inner) } } unless sources.empty?
      @runtime.interrupt_watcher.watch(self, &block)
    ensure
      unused = @native_cancels.pop
      keep_cancel(unused) if unused
    end

    def with_callbacks(&block)
      @calls_back ? Callbacks.with_context(@context, &block) : yield
    end
  end
end
