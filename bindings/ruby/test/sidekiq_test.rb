# frozen_string_literal: true

require "tmpdir"
require_relative "helper"

# A client in the jobs of Sidekiq: inline, and in a real Sidekiq process with Redis.
class SidekiqTest < SACTest
  JOBS = <<~RUBY.freeze
    require "sac"
    require "sidekiq"
    # Sidekiq 6 calls functions that the gem redis will change.
    Redis.silence_deprecations = true if Redis.respond_to?(:silence_deprecations=)
    SHOP = SAC::Client.new(ENV.fetch("SHOP_URL"), timeout: #{10 * TIMEOUT})

    class OrderJob
      include Sidekiq::Job

      def perform(id)
        SHOP.post!("/v1/orders/\#{id}", json: { id: id }, idempotency_key: "order-\#{id}")
      rescue SAC::ClientError => e
        Sidekiq.logger.warn(e.message)
      end
    end
  RUBY
  # Prints how many jobs are in the queue, and how many wait for another attempt.
  COUNT = 'require "sidekiq/api"; print [Sidekiq::Queue.new.size, Sidekiq::RetrySet.new.size]'
  # The programs that `scripts/run set-up test` unpacks.
  PARTS = File.expand_path("../../build/parts", ROOT)
  THREADS = 4

  def setup
    skip "not installed: sidekiq" unless system(RbConfig.ruby, "-rsidekiq", "-e", "exit", err: File::NULL)
  end

  # @yieldparam folder [String] a folder with the file of the jobs
  def with_folder(server)
    Dir.mktmpdir do |folder|
      File.write("#{folder}/jobs.rb", JOBS)
      @environment = { "SHOP_URL" => server.url, "REDIS_URL" => "unix://#{folder}/redis" }
      yield folder
    end
  end

  # Runs Redis on a socket in the folder of the jobs.
  #
  # @yieldparam folder [String]
  def with_redis(server)
    with_folder(server) do |folder|
      redis = start_redis("--port", "0", "--unixsocket", "#{folder}/redis", "--save", "")
      Timeout.timeout(TIMEOUT, Timeout::Error, "Redis does not start") do
        nil until redis.readline.match?(/ready to accept connections/i)
      end
      yield folder
    ensure
      end_process(redis, "KILL") if redis
    end
  end

  def start_redis(*arguments)
    folders = [*ENV.fetch("PATH").split(":"), "#{PARTS}/usr/bin"]
    program = folders.map { |folder| "#{folder}/redis-server" }.find { |path| File.executable?(path) }
    skip "not installed: redis-server" unless program
    libraries = program.start_with?(PARTS) ? { "LD_LIBRARY_PATH" => Dir["#{PARTS}/usr/lib/*-linux-*"].join(":") } : {}
    IO.popen(libraries, [program, *arguments], err: %i[child out])
  end

  # @return [String] the rest of the output
  def end_process(process, signal)
    return "" if process.closed?

    Process.kill(signal, process.pid)
    Timeout.timeout(TIMEOUT, Timeout::Error, "the process does not end") { process.read }.tap { process.close }
  end

  # Runs Ruby code with the jobs in a separate process, and returns its output.
  def with_jobs(folder, code)
    process = IO.popen(@environment, [RbConfig.ruby, "-I#{ROOT}/lib", "-r#{folder}/jobs.rb", "-e", code])
    process.read.tap { process.close }
  end

  # Runs Sidekiq until the block ends. The running jobs then have `grace` seconds to end.
  #
  # @return [String] the log
  def with_sidekiq(folder, threads: THREADS, grace: TIMEOUT)
    options = ["-r", "#{folder}/jobs.rb", "-c", threads.to_s, "-t", grace.to_s]
    command = [RbConfig.ruby, "-I#{ROOT}/lib", "-S", "sidekiq", *options]
    process = IO.popen(@environment, command, err: %i[child out], chdir: folder)
    yield
    end_process(process, "TERM")
  ensure
    end_process(process, "KILL") if process
  end

  def test_a_job_runs_inline
    server = serve
    with_folder(server) do |folder|
      with_jobs(folder, 'require "sidekiq/testing"; Sidekiq::Testing.inline! { OrderJob.perform_async(1) }')
    end
    assert_equal [["/v1/orders/1", { "id" => 1 }]], server.requests.map { |request| [request.path, request.json] }
    assert_includes server.requests.first.headers["idempotency-key"], "order-1"
  end

  def test_the_threads_of_a_process_share_the_connections_of_one_client
    server = serve
    with_redis(server) do |folder|
      with_jobs(folder, "40.times { |number| OrderJob.perform_async(number) }")
      with_sidekiq(folder) { 40.times { server.wait_for_request } }
      assert_equal "[0, 0]", with_jobs(folder, COUNT)
    end
    assert_equal (0...40).to_a, server.requests.map { |request| request.json["id"] }.sort
    assert_operator server.requests.map(&:connection).max, :<=, THREADS
  end

  def test_a_failure_that_may_pass_is_tried_again_later_and_another_is_not
    server = serve do |request|
      Server.response(status: request.path.end_with?("/1") ? "503 Service Unavailable" : "404 Not Found")
    end
    with_redis(server) do |folder|
      with_jobs(folder, "[1, 2].each { |number| OrderJob.perform_async(number) }")
      log = with_sidekiq(folder) { 2.times { server.wait_for_request } }
      assert_equal "[0, 1]", with_jobs(folder, COUNT)
      assert_match(%r{POST \S+/v1/orders/2 .*404}, log)
    end
  end

  def test_a_job_in_a_call_is_interrupted_when_sidekiq_ends_and_waits_again
    server = serve_silence
    with_redis(server) do |folder|
      with_jobs(folder, "OrderJob.perform_async(1)")
      # Another thread that waits for a job would take it from the queue again, and could lose it.
      log = with_sidekiq(folder, threads: 1, grace: 1) { server.wait_for_request }
      assert_match(/class=OrderJob .*: fail$/, log, "the call goes on until the process ends")
      assert_equal "[1, 0]", with_jobs(folder, COUNT)
    end
  end
end
