# frozen_string_literal: true

require "minitest/autorun"
require "logger"
require "stringio"
require "timeout"
require "sac"
require_relative "support/server"

# No proxy of whoever runs the tests.
ENV.delete_if { |name, _| name.downcase.end_with?("_proxy") }

# What the tests share.
class SACTest < Minitest::Test
  PATIENCE = Server::PATIENCE
  ROOT = File.expand_path("..", __dir__)

  def teardown
    Array(@servers).each(&:close)
  end

  # A server that is closed with the test.
  def serve(**options, &answer)
    server = Server.new(**options, &answer)
    (@servers ||= []) << server
    server
  end

  # A server that never answers.
  def serve_silence
    serve { nil }
  end

  def client_of(server, **settings)
    SAC::Client.new(server.url, timeout: PATIENCE, **settings)
  end

  # Runs the block on a thread that is not the main one, as those of a server are.
  def on_a_thread(&block)
    thread = Thread.new do
      Thread.current.report_on_exception = false
      block.call
    end
    assert thread.join(2 * PATIENCE), "the thread does not end: #{thread.backtrace&.first(5)}"
    thread.value
  end

  # Once for each way a call can go: on the main thread it is handed over to another, elsewhere not.
  def both_ways(&block)
    block.call
    on_a_thread(&block)
  end

  # Runs a piece of Ruby in a process of its own.
  def ruby(code, *arguments, flags: [], **options)
    IO.popen([RbConfig.ruby, "-I#{ROOT}/lib", *flags, "-rsac", "-e", code, *arguments], "r+", **options)
  end

  def seconds
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  end
end
