# frozen_string_literal: true

module SAC
  # Ends calls whose thread has a pending interrupt (`Thread#raise`, `Thread#kill`, `Timeout.timeout`, the end of
  # the process). A thread in a call is in the library, where Ruby cannot interrupt it. When the call ends, the
  # thread returns to Ruby and handles the interrupt. A call whose caller has died is ended too.
  #
  # @api private
  class InterruptWatcher
    # The interval between two checks, in seconds. Together with the library's delay, it is well below 100 ms.
    PERIOD = 0.02
    # After this number of checks without a call, the watcher sleeps.
    IDLE_CHECKS = 50

    def initialize
      # Operations of a hash are atomic, so a call takes no lock.
      @calls = {}.compare_by_identity
      @wake = Thread::Queue.new
      @asleep = false
    end

    # Watches a call of the current thread while the block runs.
    def watch(call)
      @calls[call] = Thread.current
      # Read after the entry is in place: the watcher sets the flag before it looks for entries and sleeps.
      wake if @asleep || !@thread&.alive?
      yield
    ensure
      @calls.delete(call)
    end

    private

    def wake
      @asleep = false
      @wake << true
      @thread = Thread.new { run } unless @thread&.alive?
    rescue ThreadError
      # The process is about to end and cannot start threads: the call is not watched.
      nil
    end

    # At the end of the process, Ruby kills every thread and waits for it. The watcher ends last, because without it
    # threads that are in a call would not end.
    def run
      Thread.current.name = "sac-interrupts"
      Thread.handle_interrupt(Operation::HOLD_INTERRUPTS) do
        pause while check_calls && !(Thread.pending_interrupt? && @calls.empty?)
      end
    end

    def check_calls
      @calls.to_a.each { |call, thread| call.cancel if thread.pending_interrupt? || call.caller_dead? }
    end

    def pause
      @idle = @calls.empty? ? @idle.to_i + 1 : 0
      @idle < IDLE_CHECKS ? sleep(PERIOD) : sleep_until_woken
    end

    def sleep_until_woken
      @idle = 0
      @asleep = true
      Thread.handle_interrupt(Object => :on_blocking) { @wake.pop } if @calls.empty?
      @asleep = false
      @wake.clear
    end
  end
end
