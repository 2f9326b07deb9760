# frozen_string_literal: true

require_relative "helper"

# A call whose block is left in the middle is ended, and does not keep the process alive.
class DropTest < SACTest
  # The maximum duration of the end of a process that waits for nothing, in seconds. Any wait for the body is longer.
  AT_ONCE = 5

  # A body that starts and never ends.
  def serve_endless
    serve { "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n#{"1\n" * 50}" }
  end

  # Waits for a child. If it does not end in time, it is killed, and the test fails.
  def finish(process)
    output = Timeout.timeout(TIMEOUT, Timeout::Error, "the process does not end") { process.read }
    process.close
    [output, Process.last_status]
  ensure
    Process.kill("KILL", process.pid) unless process.closed?
  end

  # How a child leaves a body in the middle.
  EXITS = {
    enumerator: "$left = Enumerator.new { |y| client.get('/') { |bytes| y << bytes } }; $left.next",
    stream: "$left = client.stream('/'); $left.readpartial(10)",
    records: "$left = client.stream('/', records: :lines).each; $left.next",
    chunks: "$left = client.stream('/').each_chunk; $left.next",
    fiber: "$left = Fiber.new { client.get('/') { |bytes| Fiber.yield bytes } }; $left.resume",
    fiber_of_a_thread: "$left = Queue.new; Thread.new { Fiber.new { client.get('/') { |_| Fiber.yield } }.resume; " \
                       "$left << 1; sleep }; $left.pop",
    thread: "q = Queue.new; $left = Thread.new { client.get('/') { |bytes| q << bytes; sleep } }; q.pop",
    progress: "$left = Fiber.new { client.get('/', progress: ->(_) { Fiber.yield }) }; $left.resume"
  }.freeze

  def leave_by(how, code)
    server = serve_endless
    process = ruby(<<~RUBY, server.url)
      client = SAC::Client.new(ARGV[0], timeout: #{10 * TIMEOUT})
      #{EXITS.fetch(how)}
      $stdout.sync = true
      puts "left"
      #{code}
    RUBY
    assert_equal "left\n", Timeout.timeout(TIMEOUT) { process.gets }, how
    process
  end

  EXITS.each_key do |how|
    define_method(:"test_the_process_ends_at_once_after_a_dropped_#{how}") do
      { "exit" => 0, "abort" => 1, "exit! 3" => 3, "raise SystemExit" => 0 }.each do |code, status|
        process = leave_by(how, code)
        elapsed = seconds { assert_equal status, finish(process).last.exitstatus, "#{how}: #{code}" }
        assert_operator elapsed, :<, AT_ONCE, "the process waits at its end, after #{how}: #{code}"
      end
    end

    define_method(:"test_signals_end_the_process_after_a_dropped_#{how}") do
      %w[INT TERM].each do |signal|
        process = leave_by(how, "sleep")
        Process.kill(signal, process.pid)
        assert_equal Signal.list[signal], finish(process).last.termsig, how
      end
    end
  end

  def test_a_process_can_end_in_a_block
    { "exit 4" => 4, "abort" => 1, "exit!(5)" => 5, "throw :out" => 1, "raise 'x'" => 1 }.each do |code, status|
      server = serve_endless
      process = ruby("SAC::Client.new(ARGV[0], timeout: 300).get('/') { |_| #{code} }", server.url, err: File::NULL)
      assert_equal status, finish(process).last.exitstatus, code
      server.wait_for_close
    end
  end

  # A separate method, so that nothing on the stack of the test refers to the calls.
  def drop(client, times)
    times.times { Enumerator.new { |pieces| client.get("/") { |bytes| pieces << bytes } }.next }
    times.times { Fiber.new { client.get("/") { |bytes| Fiber.yield bytes } }.resume }
    times.times { client.stream("/").readpartial(10) }
    times.times { client.stream("/").each_chunk.next }
  end

  def test_a_dropped_call_is_cancelled_by_garbage_collection_and_leaks_nothing
    process = ruby(<<~RUBY, serve_endless.url)
      def resources
        [Thread.list.size, Dir.children("/proc/self/fd").size]
      end
      def drop(client)
        10.times { Enumerator.new { |pieces| client.get("/") { |bytes| pieces << bytes } }.next }
        10.times { Fiber.new { client.get("/") { |bytes| Fiber.yield bytes } }.resume }
        10.times { client.stream("/").readpartial(10) }
        10.times { client.stream("/").each_chunk.next }
        nil
      end
      def nest(count)
        count.zero? ? 0 : 1 + nest(count - 1)
      end
      client = SAC::Client.new(ARGV[0], timeout: #{10 * TIMEOUT})
      before = resources
      GC.disable
      3.times { drop(client) }
      during = resources
      GC.enable
      # Calls to which the stack still refers by chance may remain: one of each kind.
      increase = ->(now) { now.zip(before).map { |number, earlier| number - earlier } }
      until increase.(resources).then { |threads, descriptors| threads <= 8 && descriptors < 60 }
        nest(1000)
        GC.start
        sleep 0.01
      end
      p increase.(during)[0] >= 60, increase.(during)[1] >= 300
    RUBY
    assert_equal "true\ntrue\n", finish(process).first
  end

  def test_the_connection_of_a_dropped_call_is_closed
    server = serve_endless
    client = client_of(server, timeout: nil)
    on_a_thread { drop(client, 5) }
    closed = 0
    Timeout.timeout(TIMEOUT) do
      until closed >= 16
        GC.start
        closed += 1 while server.closings.size.positive? && server.closings.pop
        Thread.pass
      end
    end
  end

  def test_the_call_of_a_dead_thread_ends_even_if_its_fiber_is_referenced
    server = serve_endless
    client = client_of(server, timeout: nil)
    fiber = on_a_thread { Fiber.new { client.get("/") { Fiber.yield } }.tap(&:resume) }
    server.wait_for_close
    assert_predicate fiber, :alive?
  end

  def test_a_dropped_call_blocks_no_other_call
    partial = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"
    client = client_of(serve { |request| request.path == "/" ? Server.response : partial })
    on_both_paths do
      left = Enumerator.new { |pieces| client.get("/left") { |bytes| pieces << bytes } }
      assert_equal "x", left.next
      assert_predicate client.get("/"), :ok?
      assert left
    end
  end

  def test_a_fiber_can_be_dropped_in_on_retry
    server = serve { Server.response(status: "503 Service Unavailable") }
    on_a_thread do
      client = client_of(server, retries: 1, backoff: 0.001..0.002)
      notices = Enumerator.new { |y| client.scope(on_retry: ->(notice) { y << notice }).get("/") }
      assert_equal 503, notices.next.status
      # Interrupts still work.
      assert_raises(Timeout::Error) { Timeout.timeout(0.05) { sleep } }
    end
  end

  def test_a_stream_works_under_gc_stress
    process = ruby(<<~RUBY, serve { Server.response("x" * 1000, headers: { "Content-Type" => "text/plain" }) }.url)
      client = SAC::Client.new(ARGV[0])
      GC.stress = 1
      sizes = [client.stream("/").each_chunk.sum(&:bytesize)]
      client.stream("/").readpartial(10)
      pieces = Enumerator.new { |y| client.get("/") { |bytes| y << bytes } }
      sizes << pieces.next.bytesize << Thread.new { client.stream("/").chunks.first.bytesize }.value
      sizes << client.stream("/", records: :lines).first.data.bytesize
      GC.stress = false
      p sizes
    RUBY
    assert_equal "[1000, 1000, 1000, 1000]\n", finish(process).first
  end

  def test_a_child_forked_in_a_block_gets_a_response_and_the_parents_call_continues
    process = ruby(<<~RUBY, serve { Server.response("x" * 500_000, headers: { "Content-Type" => "text/plain" }) }.url)
      client = SAC::Client.new(ARGV[0], timeout: #{TIMEOUT})
      child = nil
      received = 0
      response = client.get("/") { |bytes| (received += bytes.bytesize) && (child ||= fork || 0) }
      if child.zero?
        puts response.code, client.get_binary("/").code
      else
        Process.wait(child)
        puts response.code, received
      end
    RUBY
    assert_equal "closed\nok\nok\n500000\n", finish(process).first
  end

  def test_the_parents_call_continues_if_a_child_ends_in_a_block
    process = ruby(<<~RUBY, serve { Server.response("x" * 500_000, headers: { "Content-Type" => "text/plain" }) }.url)
      first = true
      response = SAC::Client.new(ARGV[0]).get("/") { |_| Process.wait(fork { exit }) if first; first = false }
      puts response.code
    RUBY
    assert_equal "ok\n", finish(process).first
  end
end
