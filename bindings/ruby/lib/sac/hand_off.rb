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
      # The threads in the calls know of no block, which would keep the fiber that waits here.
      targets = calls.map(&:release_targets)
      inbox = Thread::Queue.new
      jobs = calls.map { |call| Job.new(call, inbox) }
      # A fiber that is dropped while it waits runs no `ensure`, but its objects are collected.
      guard = Object.new
      ObjectSpace.define_finalizer(guard, Job.abandoning(jobs))
      begin
        await(jobs, parallel, inbox)
      ensure
        jobs.each(&:abandon)
        # What a call leaves behind, such as the part of a download, is gone when it is over.
        inbox.pop while jobs.any?(&:under_way?)
        ObjectSpace.undefine_finalizer(guard)
        targets.clear
      end
    end

    private

    # Runs the callbacks, and begins a job for each that is over.
    def await(jobs, parallel, inbox)
      waiting = jobs.dup
      waiting.shift(parallel).each { |job| submit(job) }
      over = 0
      while over < jobs.size
        job, *callback = inbox.pop
        if callback.empty?
          over += 1
          waiting.shift(1).each { |following| submit(following) }
        else
          job.run_callback(*callback)
        end
        # A child that was forked within a callback has no thread that is in the call.
        break unless job.here?
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

    # A call on its way through two threads: the one that waits for it and the one that is in it.
    class Job
      # @param inbox [Thread::Queue] of the thread that waits: gets the job alone when it is over, and
      #   with the number of a target and arguments where a callback is to be run
      def initialize(call, inbox)
        @call = call
        @inbox = inbox
        @replies = Thread::Queue.new
      end

      # What ends jobs when nobody waits for them any more.
      def self.abandoning(jobs)
        proc { jobs.each(&:abandon) }
      end

      # On the thread that is in the call.
      def perform
        @begun = true
        @response = @call.perform(self)
      rescue Exception => e # rubocop:disable Lint/RescueException
        @failure = e
      ensure
        @over = true
        @inbox << [self]
      end

      # On the thread that is in the call: has a callback run by the one that waits. Nil if the call
      # has been ended.
      def call_back(target, arguments)
        @inbox << [self, target, arguments]
        @replies.pop
      end

      # On the thread that waits.
      def run_callback(target, arguments)
        reply(Callbacks.run(target, arguments))
      end

      # Lets the thread that is in the call go on without a reply. Any thread.
      def give_up
        @replies.close
      end

      # On the thread that waits, when the call is over.
      def outcome
        raise @failure if @failure

        @over ? @response : orphan
      end

      # As {Runtime#here?}.
      def here?
        @call.here?
      end

      # Whether a thread of this process is in the call.
      def under_way?
        @begun && !@over && here?
      end

      # The thread that waited goes its way, or is gone: a call that is still running is ended.
      def abandon
        @call.end_early unless @over
      end

      private

      def reply(value)
        @replies << value
      rescue ClosedQueueError
        # The call was ended meanwhile.
        nil
      end

      # What a child has of a call that goes on in its parent.
      def orphan
        @call.refuse(Error.for(:closed, "the process was forked during the call, which goes on in the parent"))
      end
    end
    private_constant :Job
  end
end
