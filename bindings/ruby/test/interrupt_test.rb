# frozen_string_literal: true

require_relative "helper"

# Ruby can interrupt a thread in every phase of a call.
class InterruptTest < SACTest
  class Stop < StandardError; end

  # A thread in a call to a server that never responds.
  def call_without_response(server = serve_silence, **options, &block)
    client = client_of(server)
    thread = Thread.new do
      Thread.current.report_on_exception = false
      block ? block.call(client) : client.get("/", **options)
    end
    server.wait_for_request
    thread
  end

  def assert_ends(thread)
    assert thread.join(TIMEOUT / 2), "the call does not end: #{thread.backtrace&.first(5)}"
  rescue Stop
    nil
  end

  def test_other_threads_run_during_a_call
    on_both_paths do
      progress = Thread::Queue.new
      # The server responds only after another thread has made steps.
      server = serve { 3.times { progress.pop } && Server.response }
      other = Thread.new { server.wait_for_request && 3.times { progress << true } }
      assert_predicate client_of(server).get("/"), :ok?
      other.join
    end
  end

  def test_a_timeout_ends_a_call
    on_both_paths do
      client = client_of(serve_silence)
      elapsed = seconds { assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client.get("/") } } }
      assert_operator elapsed, :<, TIMEOUT / 2
    end
  end

  def test_a_timeout_ends_the_delay_before_a_retry
    on_both_paths do
      busy = Server.response(status: "503 Service Unavailable", headers: { "Retry-After" => 60 })
      client = client_of(serve { busy }, retries: 1)
      assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client.get("/") } }
    end
  end

  def test_a_kill_ends_a_call_and_runs_its_ensure
    ensured = false
    thread = call_without_response do |client|
      client.get("/")
    ensure
      ensured = true
    end
    thread.kill
    assert_ends thread
    assert ensured
  end

  def test_a_raise_ends_a_call
    thread = call_without_response
    thread.raise(Stop)
    assert_ends thread
    assert_raises(Stop) { thread.value }
  end

  def test_the_median_of_interrupts_takes_less_than_100_ms
    elapsed = Array.new(9) do
      thread = call_without_response
      seconds { thread.raise(Stop) && assert_ends(thread) }
    end
    assert_operator elapsed.sort[4], :<, 0.1, "seconds, sorted: #{elapsed.sort}"
  end

  def test_many_threads_can_be_killed_at_once
    server = serve_silence
    threads = Array.new(20) { call_without_response(server) }
    threads.each(&:kill)
    threads.each { |thread| assert_ends thread }
  end

  def test_an_interrupt_of_one_call_does_not_end_another
    released = Thread::Queue.new
    server = serve { |request| request.path == "/victim" ? nil : released.pop && Server.response }
    other = call_without_response(server) { |client| client.get("/other") }
    20.times { call_without_response(server) { |client| client.get("/victim") }.kill }
    released << true
    assert_predicate other.value, :ok?
  end

  def test_a_thread_can_make_calls_after_an_interrupt
    server = serve { |request| request.path == "/slow" ? nil : Server.response }
    on_both_paths do
      client = client_of(server)
      3.times do
        assert_raises(Timeout::Error) { Timeout.timeout(0.05) { client.get("/slow") } }
        assert_predicate client.get("/"), :ok?
      end
    end
  end

  def test_a_masked_interrupt_does_not_end_a_call
    on_a_thread do
      # Long enough for the watcher to see the interrupt.
      client = client_of(serve { sleep(5 * SAC::InterruptWatcher::PERIOD) && Server.response })
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

  # The README documents this.
  def test_a_masked_interrupt_during_a_call_ends_only_a_call_on_the_calling_thread
    { {} => :cancelled, { progress: ->(_) {} } => :ok }.each do |options, code|
      release = Thread::Queue.new
      server = serve { release.pop && Server.response }
      response = nil
      thread = call_without_response(server) do |client|
        Thread.handle_interrupt(Stop => :never) { response = client.get("/", **options) }
      end
      thread.raise(Stop)
      release << true if code == :ok
      assert_raises(Stop) { thread.join(TIMEOUT) }
      assert_equal code, response.code
    end
  end

  def test_the_interrupt_watcher_survives_a_kill_while_there_are_calls
    thread = call_without_response
    watcher = Thread.list.find { |other| other.name == "sac-interrupts" }
    watcher.kill
    refute watcher.join(2 * SAC::InterruptWatcher::PERIOD), "the watcher ended although there is a call"
    thread.kill
    assert_ends thread
    # The watcher also watches a call that another test has dropped, until it is garbage-collected.
    limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + TIMEOUT
    GC.start until watcher.join(SAC::InterruptWatcher::PERIOD) || Process.clock_gettime(Process::CLOCK_MONOTONIC) > limit
    refute_predicate watcher, :alive?
    call_without_response.tap(&:kill).then { |later| assert_ends later }
  end

  def test_a_cancel_ends_its_calls
    cancel = SAC::Cancel.new
    threads = Array.new(3) { call_without_response(cancel: cancel) }
    other = call_without_response(cancel: SAC::Cancel.new)
    cancel.trigger
    threads.each { |thread| assert_ends thread }
    assert_equal [:cancelled] * 3, threads.map { |thread| thread.value.code }
    assert_predicate other, :alive?
    other.kill
    assert_ends other
  end

  def test_with_a_triggered_cancel_nothing_is_sent
    on_both_paths do
      server = serve
      response = client_of(server).get("/", cancel: SAC::Cancel.new.trigger)
      assert_equal [:cancelled, 0], [response.code, response.attempts]
      assert_empty server.requests
    end
  end

  def test_a_cancel_works_in_a_signal_handler
    cancel = SAC::Cancel.new
    server = serve_silence
    before = Signal.trap("USR1") { cancel.trigger }
    Thread.new { server.wait_for_request && Process.kill("USR1", Process.pid) }
    assert_equal :cancelled, client_of(server).get("/", cancel: cancel).code
    assert_predicate cancel, :triggered?
  ensure
    Signal.trap("USR1", before)
  end

  def test_a_signal_handler_can_make_a_call
    client = client_of(serve)
    responses = Thread::Queue.new
    before = Signal.trap("USR1") { responses << client.get("/") }
    Process.kill("USR1", Process.pid)
    assert_predicate Timeout.timeout(TIMEOUT) { responses.pop }, :ok?
  ensure
    Signal.trap("USR1", before)
  end

  def test_ctrl_c_ends_a_call_on_the_main_thread
    server = serve_silence
    process = ruby(<<~RUBY, server.url)
      begin
        SAC::Client.new(ARGV[0], timeout: #{TIMEOUT}).get("/")
      rescue Interrupt
        puts "interrupted"
      end
    RUBY
    server.wait_for_request
    elapsed = seconds do
      Process.kill("INT", process.pid)
      assert_equal "interrupted\n", process.read
    end
    process.close
    assert_operator elapsed, :<, TIMEOUT / 2
  end

  def test_the_process_can_end_while_threads_are_in_calls
    server = serve_silence
    process = ruby(<<~RUBY, server.url)
      client = SAC::Client.new(ARGV[0], timeout: #{TIMEOUT})
      3.times { Thread.new { client.get("/") } }
      at_exit { puts client.get("/", timeout: 0.05).code }
      $stdin.gets
    RUBY
    3.times { server.wait_for_request }
    elapsed = seconds do
      process.close_write
      assert_equal "timeout\n", process.read
    end
    process.close
    assert_operator elapsed, :<, TIMEOUT / 2
  end
end
