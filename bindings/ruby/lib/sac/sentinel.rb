# frozen_string_literal: true

module SAC
  # Watches over the calls. A thread that is in one is in the library, where Ruby cannot reach it; but
  # others can see that an interrupt is waiting for it (`Thread#raise`, `Thread#kill`,
  # `Timeout.timeout`, the end of the process), and end the call so that it comes back and takes it.
  # A call whose caller has died is ended too.
  #
  # @api private
  class Sentinel
    # How often it looks, in seconds: with what the library takes to notice, well within 100 ms.
    PERIOD = 0.02
    # After so many looks without any call it goes to sleep.
    IDLE_LOOKS = 50

    def initialize
      # Each step on it is atomic, so no lock is taken on the way of a call.
      @calls = {}.compare_by_identity
      @wake = Thread::Queue.new
      @asleep = false
    end

    # Watches over a call of the current thread while the block runs.
    def watch(call)
      @calls[call] = Thread.current
      # Looked at behind the entry: before it sleeps, it looks for entries behind setting this.
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
      # The process is about to end and starts no thread any more: the call goes unwatched.
      nil
    end

    # At the end of the process Ruby kills every thread and waits for it. This one goes last: those
    # that are in a call would otherwise stay there.
    def run
      Thread.current.name = "sac-sentinel"
      Thread.handle_interrupt(Call::NEVER) do
        rest while look && !(Thread.pending_interrupt? && @calls.empty?)
      end
    end

    def look
      @calls.to_a.each { |call, thread| call.end_early if thread.pending_interrupt? || call.forsaken? }
    end

    def rest
      @idle = @calls.empty? ? @idle.to_i + 1 : 0
      @idle < IDLE_LOOKS ? sleep(PERIOD) : sleep_until_woken
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
