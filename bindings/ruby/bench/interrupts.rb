# frozen_string_literal: true

# Measures how fast an interrupt ends a call, and how much other threads do during a call.
#
#     ruby -Ilib bench/interrupts.rb BASE_URL [TIMES]
#
# BASE_URL is the URL of the demo server. Its response to /v1/slow?ms= takes that time.
require "sac"
require "timeout"

CLIENT = SAC::Client.new(ARGV.fetch(0))
TIMES = Integer(ARGV.fetch(1, 50))
SLOW = "/v1/slow?ms=30000"
Stop = Class.new(StandardError)

def milliseconds
  Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond)
end

def report(title, times)
  times = times.sort
  puts format("%-44s median %6.1f ms, longest %6.1f ms", title, times[times.size / 2], times.last)
end

# From the interrupt to the end of the thread in the call.
def interrupt_thread(&interrupt)
  thread = Thread.new do
    Thread.current.report_on_exception = false
    CLIENT.get(SLOW)
  rescue Stop
    nil
  end
  sleep(0.05)
  start = milliseconds
  interrupt.call(thread)
  thread.join
  milliseconds - start
end

# From the end of the allowed time to the exception.
def time_out(limit = 0.05)
  start = milliseconds
  Timeout.timeout(limit) { CLIENT.get(SLOW) }
rescue Timeout::Error
  milliseconds - start - (limit * 1000)
end

# From the signal to the exception, on the main thread.
def press_ctrl_c
  sent = nil
  Thread.new { sleep(0.05) && (sent = milliseconds) && Process.kill("INT", Process.pid) }
  CLIENT.get(SLOW)
rescue Interrupt
  milliseconds - sent
end

report("Thread#raise, thread", Array.new(TIMES) { interrupt_thread { |thread| thread.raise(Stop) } })
report("Thread#kill, thread", Array.new(TIMES) { interrupt_thread(&:kill) })
report("Timeout.timeout, thread", Thread.new { Array.new(TIMES) { time_out } }.value)
report("Timeout.timeout, main thread", Array.new(TIMES) { time_out })
report("Ctrl-C, main thread", Array.new(TIMES) { press_ctrl_c })

steps = 0
counter = Thread.new { loop { steps += 1 } }
sleep(0.5)
alone = steps
[["main thread", ->(&call) { call.call }], ["thread", ->(&call) { Thread.new(&call).join }]].each do |place, run|
  before = steps
  run.call { CLIENT.get("/v1/slow?ms=500") }
  puts format("Steps of another thread in 500 ms of a call, %-12s %d; without a call: %d", "#{place}:", steps - before, alone)
end
counter.kill
