# frozen_string_literal: true

require_relative "helper"

# Whatever a thread waits for in a call, Ruby gets it back.
class InterruptTest < SACTest
  class Stop < StandardError; end

  # A thread in a call that is never answered.
  def call_in_vain(server = serve_silence, **options, &block)
    client = client_of(server)
    thread = Thread.new do
      Thread.current.report_on_exception = false
      block ? block.call(client) : client.get("/", **options)
    end
    server.await_request
    thread
  end

  def assert_ends(thread)
    assert thread.join(PATIENCE / 2), "the call does not end: #{thread.backtrace&.first(5)}"
  rescue Stop
    nil
  end

  def test_other_threads_run_during_a_call
    both_ways do
      progress = Thread::Queue.new
      # Answers only once another thread has made steps behind the request.
      server = serve { 3.times { progress.pop } && Server.answer }
      other = Thread.new { server.await_request && 3.times { progress << true } }
      assert_predicate client_of(server).get("/"), :ok?
      other.join
    end
  end

  def test_a_timeout_ends_a_call
    both_ways do
      client = client_of(serve_silence)
      took = seconds { assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client.get("/") } } }
      assert_operator took, :<, PATIENCE / 2
    end
  end

  def test_a_timeout_ends_a_wait_for_a_retry
    both_ways do
      client = client_of(serve { Server.answer(status: "503 Service Unavailable", headers: { "Retry-After" => 60 }) }, retries: 1)
      assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client.get("/") } }
    end
  end

  def test_a_kill_ends_a_call_and_runs_what_ensures
    ensured = false
    thread = call_in_vain do |client|
      client.get("/")
    ensure
      ensured = true
    end
    thread.kill
    assert_ends thread
    assert ensured
  end

  def test_a_raise_ends_a_call
    thread = call_in_vain
    thread.raise(Stop)
    assert_ends thread
    assert_raises(Stop) { thread.value }
  end

  def test_the_median_of_interrupts_takes_less_than_100_ms
    took = Array.new(9) do
      thread = call_in_vain
      seconds { thread.raise(Stop) && assert_ends(thread) }
    end
    assert_operator took.sort[4], :<, 0.1, "seconds, sorted: #{took.sort}"
  end

  def test_many_threads_are_ended_at_once
    server = serve_silence
    threads = Array.new(20) { call_in_vain(server) }
    threads.each(&:kill)
    threads.each { |thread| assert_ends thread }
  end

  def test_an_interrupt_of_one_call_does_not_end_another
    released = Thread::Queue.new
    server = serve { |request| request.path == "/victim" ? nil : released.pop && Server.answer }
    other = call_in_vain(server) { |client| client.get("/other") }
    20.times { call_in_vain(server) { |client| client.get("/victim") }.kill }
    released << true
    assert_predicate other.value, :ok?
  end

  def test_the_thread_goes_on_calling_behind_an_interrupt
    server = serve { |request| request.path == "/slow" ? nil : Server.answer }
    both_ways do
      client = client_of(server)
      3.times do
        assert_raises(Timeout::Error) { Timeout.timeout(0.05) { client.get("/slow") } }
        assert_predicate client.get("/"), :ok?
      end
    end
  end

  def test_what_the_caller_holds_off_does_not_end_a_call
    on_a_thread do
      # Long enough for whoever looks for interrupts to see one.
      client = client_of(serve { sleep(5 * SAC::Sentinel::PERIOD) && Server.answer })
      response = nil
      assert_raises(Stop) do
        Thread.handle_interrupt(Stop => :never) do
          Thread.current.raise(Stop)
          response = client.get("/")
        end
      end
      assert_predicate response, :ok?
    end
  end

  # The README says so.
  def test_an_interrupt_that_is_held_off_ends_only_a_call_on_the_thread_that_makes_it
    { {} => :cancelled, { progress: ->(_) {} } => :ok }.each do |options, code|
      release = Thread::Queue.new
      server = serve { release.pop && Server.answer }
      response = nil
      thread = call_in_vain(server) do |client|
        Thread.handle_interrupt(Stop => :never) { response = client.get("/", **options) }
      end
      thread.raise(Stop)
      release << true if code == :ok
      assert_raises(Stop) { thread.join(PATIENCE) }
      assert_equal code, response.code
    end
  end

  def test_calls_are_watched_over_even_where_threads_are_killed_at_random
    thread = call_in_vain
    sentinel = Thread.list.find { |other| other.name == "sac-sentinel" }
    sentinel.kill
    refute sentinel.join(2 * SAC::Sentinel::PERIOD), "it leaves its post"
    thread.kill
    assert_ends thread
    # A call that another test has dropped is watched over until it is collected.
    limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + PATIENCE
    GC.start until sentinel.join(SAC::Sentinel::PERIOD) || Process.clock_gettime(Process::CLOCK_MONOTONIC) > limit
    refute_predicate sentinel, :alive?
    call_in_vain.tap(&:kill).then { |later| assert_ends later }
  end

  def test_a_cancel_ends_the_calls_that_carry_it
    cancel = SAC::Cancel.new
    threads = Array.new(3) { call_in_vain(cancel: cancel) }
    other = call_in_vain(cancel: SAC::Cancel.new)
    cancel.trigger
    threads.each { |thread| assert_ends thread }
    assert_equal [:cancelled] * 3, threads.map { |thread| thread.value.code }
    assert_predicate other, :alive?
    other.kill
    assert_ends other
  end

  def test_a_triggered_cancel_lets_no_request_go
    both_ways do
      server = serve
      response = client_of(server).get("/", cancel: SAC::Cancel.new.trigger)
      assert_equal [:cancelled, 0], [response.code, response.attempts]
      assert_empty server.requests
    end
  end

  def test_a_cancel_works_within_a_signal_handler
    cancel = SAC::Cancel.new
    server = serve_silence
    before = Signal.trap("USR1") { cancel.trigger }
    Thread.new { server.await_request && Process.kill("USR1", Process.pid) }
    assert_equal :cancelled, client_of(server).get("/", cancel: cancel).code
    assert_predicate cancel, :triggered?
  ensure
    Signal.trap("USR1", before)
  end

  def test_a_call_may_be_made_within_a_signal_handler
    client = client_of(serve)
    responses = Thread::Queue.new
    before = Signal.trap("USR1") { responses << client.get("/") }
    Process.kill("USR1", Process.pid)
    assert_predicate Timeout.timeout(PATIENCE) { responses.pop }, :ok?
  ensure
    Signal.trap("USR1", before)
  end

  def test_ctrl_c_ends_a_call_on_the_main_thread
    server = serve_silence
    process = ruby(<<~RUBY, server.url)
      begin
        SAC::Client.new(ARGV[0], timeout: #{PATIENCE}).get("/")
      rescue Interrupt
        puts "interrupted"
      end
    RUBY
    server.await_request
    took = seconds do
      Process.kill("INT", process.pid)
      assert_equal "interrupted\n", process.read
    end
    process.close
    assert_operator took, :<, PATIENCE / 2
  end

  def test_the_process_ends_while_threads_are_in_calls
    server = serve_silence
    process = ruby(<<~RUBY, server.url)
      client = SAC::Client.new(ARGV[0], timeout: #{PATIENCE})
      3.times { Thread.new { client.get("/") } }
      at_exit { puts client.get("/", timeout: 0.05).code }
      $stdin.gets
    RUBY
    3.times { server.await_request }
    took = seconds do
      process.close_write
      assert_equal "timeout\n", process.read
    end
    process.close
    assert_operator took, :<, PATIENCE / 2
  end
end
