# frozen_string_literal: true

require "minitest/autorun"
require "logger"
require "stringio"
require "timeout"
require "sac"
require_relative "support/server"

# The tests use no proxy of the environment.
ENV.delete_if { |name, _| name.downcase.end_with?("_proxy") }

# The helpers of all tests.
class SACTest < Minitest::Test
  TIMEOUT = Server::TIMEOUT
  ROOT = File.expand_path("..", __dir__)

  def teardown
    Array(@servers).each(&:close)
  end

  # A server that is closed after the test.
  def serve(**options, &respond)
    server = Server.new(**options, &respond)
    (@servers ||= []) << server
    server
  end

  # A server that never answers.
  def serve_silence
    serve { nil }
  end

  def client_of(server, **settings)
    SAC::Client.new(server.url, timeout: TIMEOUT, **settings)
  end

  # Runs the block on a thread that is not the main one, like the threads of a server.
  def on_a_thread(&block)
    thread = Thread.new do
      Thread.current.report_on_exception = false
      block.call
    end
    assert thread.join(2 * TIMEOUT), "the thread does not end: #{thread.backtrace&.first(5)}"
    thread.value
  end

  # Runs the block on the main thread, where a worker makes the calls, and on another, which makes them itself.
  def on_both_paths(&block)
    block.call
    on_a_thread(&block)
  end

  # Runs Ruby code in a separate process.
  def ruby(code, *arguments, flags: [], **options)
    IO.popen([RbConfig.ruby, "-I#{ROOT}/lib", *flags, "-rsac", "-e", code, *arguments], "r+", **options)
  end

  def seconds
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  end
end
