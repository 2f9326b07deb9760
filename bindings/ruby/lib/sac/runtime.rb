# frozen_string_literal: true

module SAC
  # The state that the calls of one process share. After a fork, the child makes its own, because it has no threads
  # of the parent, and shares descriptors with it.
  #
  # @api private
  class Runtime
    # The number of native cancels that are kept for later calls. Each has two descriptors.
    MAX_IDLE_CANCELS = 16

    attr_reader :interrupt_watcher

    # @return [Runtime] of this process
    def self.current
      runtime = @current
      return runtime if runtime&.current_process?

      runtime&.close
      @current = new
    end

    def initialize
      @pid = Process.pid
      @cancels = []
      @outs = []
      @interrupt_watcher = InterruptWatcher.new
      @workers = WorkerPool.new
    end

    # Whether the current process made it.
    def current_process?
      @pid == Process.pid
    end

    # Makes a call: on the calling thread, which is fastest, or on a worker if the calling thread must wait in Ruby.
    #
    # @return [Response]
    def run(call)
      needs_worker?(call) ? @workers.run(call) : call.run
    end

    # Makes several calls, at most `parallel` at once.
    #
    # @return [Array<Response>] in the order of the calls
    def run_all(calls, parallel)
      @workers.run_all(calls, parallel)
    end

    # @return [FFI::Pointer] a native cancel that has not been triggered
    def checkout_cancel
      @cancels.pop || Native.create("cancel", :sac_cancel_new)
    end

    # @param native [FFI::Pointer] a native cancel that has not been triggered; the caller must not trigger it later
    def return_cancel(native)
      @cancels.size < MAX_IDLE_CANCELS ? @cancels << native : Native.sac_cancel_free(native)
    end

    # A call has it only while it creates the request, so there are only a few.
    #
    # @return [FFI::MemoryPointer] memory for a pointer, for {#return_out}
    def checkout_out
      @outs.pop || FFI::MemoryPointer.new(:pointer)
    end

    # @param out [FFI::MemoryPointer] from {#checkout_out}
    def return_out(out)
      @outs << out
    end

    # Closes a child's copies of the parent's descriptors.
    def close
      while (native = @cancels.pop)
        Native.sac_cancel_free(native)
      end
    end

    private

    # A pending interrupt at this point is one that the caller masks with `Thread.handle_interrupt`. The interrupt
    # watcher does not know that, and would end the call at once.
    def needs_worker?(call)
      Thread.current == Thread.main || call.runs_code_of_caller? || Fiber.current_scheduler || Thread.pending_interrupt?
    end
  end
end
