# frozen_string_literal: true

module SAC
  # Runs calls on threads of its own, while the thread that makes the call waits where Ruby can reach
  # it. The main thread needs that, since only what waits in Ruby learns of a signal, and so does a
  # fiber whose scheduler has others to run meanwhile. Callbacks still run on the calling thread.
  #
  # @api private
  class HandOff
    # So many threads are kept for later calls.
    IDLE = 4

    def initialize
      @jobs = Thread::Queue.new
    end

    # @return [Response]
    def run(call)
      job = Job.new(call)
      begin
        @jobs << job
        Thread.new { work } if @jobs.num_waiting < @jobs.size
        job.await
      ensure
        job.abandon
      end
    end

    private

    def work
      Thread.current.name = "sac-call"
      Thread.handle_interrupt(Call::NEVER) do
        while (job = next_job)
          job.perform
          break if @jobs.num_waiting >= IDLE || Thread.pending_interrupt?
        end
      end
    end

    def next_job
      Thread.handle_interrupt(Object => :on_blocking) { @jobs.pop }
    end

    # A call on its way through two threads: that which waits for it and that which is in it.
    class Job
      def initialize(call)
        @call = call
        @inbox = Thread::Queue.new
        @replies = Thread::Queue.new
      end

      # On the thread that waits: runs the callbacks, and hands over what came of the call. An interrupt
      # ends it wherever the caller's own `Thread.handle_interrupt` lets it.
      def await
        loop do
          kind, *message = @inbox.pop
          case kind
          when :done then return message.first
          when :failed then raise message.first
          when :callback then @replies << message.first.call(*message.last)
          end
        end
      end

      # On the thread that waited, which goes its way: a call that is still on its own is ended.
      def abandon
        return if @over

        @replies.close
        @call.end_early
      end

      # On the thread that is in the call.
      def perform
        @inbox << [:done, @call.perform(self)]
      rescue Exception => e # rubocop:disable Lint/RescueException
        @inbox << [:failed, e]
      ensure
        @over = true
      end

      # On the thread that is in the call: has a callback run by the one that waits. Nil where that
      # has gone.
      def call_back(target, arguments)
        @inbox << [:callback, target, arguments]
        @replies.pop
      end
    end
    private_constant :Job
  end
end
