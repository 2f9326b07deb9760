# frozen_string_literal: true

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # Sends the requests of Faraday's `in_parallel` with {SAC::Calls#send_all}, for one client after the other.
    # Requests with `on_data` follow one by one.
    class Parallel
      # A waiting request.
      Job = Struct.new(:adapter, :env, :key, :body)

      # @param parallel [Integer] the maximum number of requests at once
      def initialize(parallel: 4)
        @parallel = parallel
        @jobs = []
      end

      # @param job [Job]
      # @api private
      def add(job)
        @jobs << job
      end

      # Runs a block, and sends the requests that it makes. If the block fails, none is sent.
      def execute
        yield
        run
      ensure
        @jobs = []
      end

      # Sends the requests, and completes their responses.
      #
      # @raise [Faraday::Error] the first failure, after all have finished
      def run
        jobs = @jobs
        @jobs = []
        @failure = nil
        streamed, others = jobs.partition { |job| job.env[:request].stream_response? }
        others.group_by { |job| [job.adapter, job.key] }.each_value { |group| run_group(group) }
        streamed.each { |job| attempt { job.adapter.run(job) } }
        raise @failure if @failure
      end

      private

      def run_group(jobs)
        attempt { jobs.first.adapter.run_all(jobs, @parallel) { |completion| attempt(&completion) } }
      end

      def attempt
        yield
      rescue StandardError => e
        @failure ||= e
      end
    end
  end
end
