# frozen_string_literal: true

# Five ways to end a call early, without waiting for the server. Takes the base URL of the demo
# server.
require "sac"
require "timeout"

client = SAC::Client.new(ARGV.fetch(0))
slow = "/v1/slow?ms=30000"

# Prints the result or the error of the block, and its duration.
def timed(what)
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  outcome = yield
rescue StandardError => e
  outcome = e.class
ensure
  duration = Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  puts format("%-36s %s after %d ms", what, outcome, duration * 1000)
end

timed("A deadline of the call:") { client.get(slow, deadline: 0.1).code }

timed("Timeout of Ruby:") { Timeout.timeout(0.1) { client.get(slow) } }

timed("A cancel, from another thread:") do
  cancel = SAC::Cancel.new
  Thread.new { sleep(0.1) && cancel.trigger }
  client.get(slow, cancel: cancel).code
end

timed("A cancel, from a signal handler:") do
  cancel = SAC::Cancel.new
  Signal.trap("USR1") { cancel.trigger }
  Thread.new { sleep(0.1) && Process.kill("USR1", Process.pid) }
  client.get(slow, cancel: cancel).code
end

timed("A killed thread:") do
  thread = Thread.new { client.get(slow) }
  sleep(0.1)
  thread.kill.join
  "ended"
end
