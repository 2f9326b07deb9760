# frozen_string_literal: true

module SAC
  # What the calls of one process share. After a fork the child makes its own: threads do not live on
  # there, and descriptors are shared with the parent.
  #
  # @api private
  class Runtime
    # So many native cancels are kept for later calls; each holds two descriptors.
    SPARE_CANCELS = 16

    attr_reader :sentinel

    # @return [Runtime] that of this process
    def self.current
      runtime = @current
      return runtime if runtime&.here?

      runtime&.drop
      @current = new
    end

    def initialize
      @pid = Process.pid
      @cancels = []
      @sentinel = Sentinel.new
      @hand_off = HandOff.new
    end

    # Whether this is the process that it was made in.
    def here?
      @pid == Process.pid
    end

    # Makes a call: on the calling thread, which is the quickest, or on another where this one has to
    # stay within Ruby's reach.
    #
    # @return [Response]
    def run(call)
      hand_over?(call) ? @hand_off.run(call) : call.run
    end

    # Makes several calls, so many at once at most.
    #
    # @return [Array<Response>] in the order of the calls
    def run_all(calls, parallel)
      @hand_off.run_all(calls, parallel)
    end

    # @return [FFI::Pointer] a native cancel that has not been triggered
    def take_cancel
      @cancels.pop || Native.made("cancel", :sac_cancel_new)
    end

    # @param native [FFI::Pointer] a native cancel that has not been triggered, and never will be by
    #   whoever had it
    def put_back(native)
      @cancels.size < SPARE_CANCELS ? @cancels << native : Native.sac_cancel_free(native)
    end

    # Closes, in a child, its copies of the parent's descriptors.
    def drop
      while (native = @cancels.pop)
        Native.sac_cancel_free(native)
      end
    end

    private

    # An interrupt that waits at the beginning is one that the caller holds off for now, by
    # `Thread.handle_interrupt`; the sentinel, which cannot know that, would end the call at once.
    def hand_over?(call)
      Thread.current == Thread.main || call.calls_back? || Fiber.current_scheduler || Thread.pending_interrupt?
    end
  end
end
