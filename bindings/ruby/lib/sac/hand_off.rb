# frozen_string_literal: true

module SAC
  # Runs calls on threads of its own, while the thread that makes them waits where Ruby can reach it.
  # The main thread needs that, since only what waits in Ruby learns of a signal; a fiber whose
  # scheduler has others to run meanwhile; a block that takes a body, which may be left by `break`;
  # and many calls at once. Callbacks still run on the calling thread.
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
      run_all([call], 1).first
    end

    # Runs calls, so many at once at most. An interrupt ends them wherever the caller's own
    # `Thread.handle_interrupt` lets it.
    #
    # @return [Array<Response>] in the order of the calls
    def run_all(calls, parallel)
      inbox = Thread::Queue.new
      jobs = calls.map { |call| Job.new(call, inbox) }
      begin
        await(jobs, parallel, inbox)
      ensure
        jobs.each(&:abandon)
      end
    end

    private

    # Runs the callbacks, and begins a job for each that is over.
    def await(jobs, parallel, inbox)
      waiting = jobs.dup
      waiting.shift(parallel).each { |job| submit(job) }
      over = 0
      while over < jobs.size
        job, target, arguments = inbox.pop
        next job.reply(target.call(*arguments)) if target

        over += 1
        submit(waiting.shift) unless waiting.empty?
      end
      jobs.map(&:outcome)
    end

    def submit(job)
      @jobs << job
      Thread.new { work } if @jobs.num_waiting < @jobs.size
    end

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
      # @param inbox [Thread::Queue] of the thread that waits: gets the job alone when it is over, and
      #   with a target and arguments where a callback is to be run
      def initialize(call, inbox)
        @call = call
        @inbox = inbox
        @replies = Thread::Queue.new
      end

      # On the thread that is in the call.
      def perform
        @response = @call.perform(self)
      rescue Exception => e # rubocop:disable Lint/RescueException
        @failure = e
      ensure
        @over = true
        @inbox << [self]
      end

      # On the thread that is in the call: has a callback run by the one that waits. Nil where that
      # has gone.
      def call_back(target, arguments)
        @inbox << [self, target, arguments]
        @replies.pop
      end

      # On the thread that waits: what a callback returned.
      def reply(value)
        @replies << value
      end

      # On the thread that waits, when the call is over.
      def outcome
        raise @failure if @failure

        @response
      end

      # On the thread that waited, which goes its way: a call that is still on its own is ended.
      def abandon
        return if @over

        @replies.close
        @call.end_early
      end
    end
    private_constant :Job
  end
end
