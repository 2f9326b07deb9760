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

    # Runs a call. An interrupt ends it, unless the caller masks it with `Thread.handle_interrupt`.
    #
    # @return [Response]
    def run(call)
      # The worker threads must not refer to blocks, because a block keeps the fiber that waits here alive.
      targets = call.release_targets
      inbox = Thread::Queue.new
      job = Job.new(call, inbox)
      jobs = [job]
      Waiter.current.wait_for(jobs) do
        submit(job)
        await_job(inbox)
        job.outcome
      ensure
        settle(jobs, inbox) unless job.finished?
        targets&.clear
      end
    end

    # Runs calls like {#run}, at most `parallel` at once.
    #
    # @return [Array<Response>] in the order of the calls
    def run_all(calls, parallel)
      targets = calls.map(&:release_targets)
      inbox = Thread::Queue.new
      jobs = calls.map { |call| Job.new(call, inbox) }
      Waiter.current.wait_for(jobs) do
        await_all(jobs, parallel, inbox)
        jobs.map(&:outcome)
      ensure
        settle(jobs, inbox)
        targets.clear
      end
    end

    private

    # Runs the callbacks until a job has finished.
    #
    # @return [Job, nil] nil in a child that was forked in a callback, which has no worker threads
    def await_job(inbox)
      until (message = inbox.pop).is_a?(Job)
        job, *callback = message
        job.run_callback(*callback)
        return unless job.current_process?
      end
      message
    end

    # Starts a job for each that has finished.
    def await_all(jobs, parallel, inbox)
      jobs.first(parallel).each { |job| submit(job) }
      waiting = jobs.drop(parallel)
      jobs.each do
        break unless await_job(inbox)

        submit(waiting.shift) unless waiting.empty?
      end
    end

    # Ends the jobs. Waits until each call has ended, because a call then removes its partial download.
    def settle(jobs, inbox)
      jobs.each(&:cancel)
      inbox.pop while jobs.any?(&:running?)
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
          Thread.handle_interrupt(Operation::HOLD_INTERRUPTS) { job.perform }
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
        @replies = Thread::Queue.new if call.calls_back?
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

      # Whether the call has ended.
      def finished?
        @finished
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
