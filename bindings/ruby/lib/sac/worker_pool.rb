# frozen_string_literal: true

module SAC
  # Runs calls on its own threads, while the calling thread waits in Ruby, not in C. This is necessary for the
  # main thread, because only a thread that waits in Ruby handles signals; for a fiber whose scheduler runs
  # other fibers meanwhile; for a block that gets a body, because it may be left by `break`; and for many calls
  # at once. Callbacks still run on the calling thread.
  #
  # @api private
  class WorkerPool
    # The number of idle threads that are kept for later calls.
    IDLE = 4

    def initialize
      @jobs = Thread::Queue.new
    end

    # @return [Response]
    def run(call)
      run_all([call], 1).first
    end

    # Runs calls, at most `parallel` at once. An interrupt ends them, unless the caller masks it with
    # `Thread.handle_interrupt`.
    #
    # @return [Array<Response>] in the order of the calls
    def run_all(calls, parallel)
      # The worker threads must not refer to blocks, because a block keeps the fiber that waits here alive.
      targets = calls.map(&:release_targets)
      inbox = Thread::Queue.new
      jobs = calls.map { |call| Job.new(call, inbox) }
      Waiter.current.wait_for(jobs) do
        await(jobs, parallel, inbox)
      ensure
        jobs.each(&:cancel)
        # Waits until each call has ended, because a call then removes its partial download.
        inbox.pop while jobs.any?(&:running?)
        targets.clear
      end
    end

    private

    # Runs the callbacks, and starts a job for each that has finished.
    def await(jobs, parallel, inbox)
      jobs.first(parallel).each { |job| submit(job) }
      finished = 0
      while finished < jobs.size
        message = inbox.pop
        if message.is_a?(Job)
          finished += 1
          following = jobs[parallel + finished - 1]
          submit(following) if following
        else
          job, *callback = message
          job.run_callback(*callback)
          # A child that was forked in a callback has no worker threads.
          break unless job.current_process?
        end
      end
      jobs.map(&:outcome)
    end

    def submit(job)
      @jobs << job
      Thread.new { work } if @jobs.num_waiting < @jobs.size
    end

    # After a job has finished, nothing comes before the wait for the next one: the waiting thread can continue only
    # when this one waits.
    def work
      Thread.current.name = "sac-call"
      Thread.handle_interrupt(Object => :on_blocking) do
        while (job = @jobs.pop)
          Thread.handle_interrupt(Call::HOLD_INTERRUPTS) { job.perform }
          surplus = @jobs.num_waiting >= IDLE || Thread.pending_interrupt?
          job.finish
          break if surplus
        end
      end
    end

    # A call, shared by two threads: the waiting thread and the worker that is in the call.
    class Job
      # @param inbox [Thread::Queue] of the waiting thread: gets the job when the call has finished, and an array of
      #   the job, the number of a target and arguments to run a callback
      def initialize(call, inbox)
        @call = call
        @inbox = inbox
        @replies = Thread::Queue.new if call.targets?
      end

      # On the worker.
      def perform
        @started = true
        @response = @call.perform(self)
      rescue Exception => e # rubocop:disable Lint/RescueException
        @failure = e
      end

      # On the worker: ends the wait for the job.
      def finish
        @finished = true
        @inbox << self
      end

      # On the worker: lets the waiting thread run a callback. Nil if the call was cancelled.
      def dispatch_callback(target, arguments)
        @inbox << [self, target, arguments]
        @replies.pop
      end

      # On the waiting thread.
      def run_callback(target, arguments)
        reply(Callbacks.run(target, arguments))
      end

      # Lets the worker continue without a reply. Any thread may call it.
      def stop_waiting
        @replies&.close
      end

      # On the waiting thread, when the call has finished.
      def outcome
        raise @failure if @failure

        @finished ? @response : forked_response
      end

      # Like {Runtime#current_process?}.
      def current_process?
        @call.current_process?
      end

      # Whether a worker of this process is in the call.
      def running?
        @started && !@finished && current_process?
      end

      # Ends the call if it is still running, because nobody waits for it.
      def cancel
        @call.cancel unless @finished
      end

      private

      def reply(value)
        @replies << value
      rescue ClosedQueueError
        # The call was cancelled meanwhile.
        nil
      end

      # The response in a child process, if the call continues in the parent.
      def forked_response
        @call.error_response(Error.for(:closed, "the process was forked during the call, which continues in the parent"))
      end
    end
    private_constant :Job
  end
end
