# frozen_string_literal: true

require_relative "helper"

# A call whose block is left in the middle, in whatever way, is ended, and keeps no process from ending.
class DropTest < SACTest
  # A body that begins and never ends.
  def serve_beginning
    serve { "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n#{'x' * 100}" }
  end

  # A child is given so long; it is killed then, and the test fails.
  def finish(process)
    output = Timeout.timeout(PATIENCE, Timeout::Error, "the process does not end") { process.read }
    process.close
    [output, Process.last_status]
  ensure
    Process.kill("KILL", process.pid) unless process.closed?
  end

  # What a child does with a body that is left in the middle, and how it ends.
  LEFT = {
    enumerator: "$left = Enumerator.new { |y| client.get('/') { |bytes| y << bytes } }; $left.next",
    stream: "$left = client.stream('/'); $left.next",
    fiber: "$left = Fiber.new { client.get('/') { |bytes| Fiber.yield bytes } }; $left.resume",
    fiber_of_a_thread: "$left = Queue.new; Thread.new { Fiber.new { client.get('/') { |_| Fiber.yield } }.resume; " \
                       "$left << 1; sleep }; $left.pop",
    thread: "q = Queue.new; $left = Thread.new { client.get('/') { |bytes| q << bytes; sleep } }; q.pop",
    progress: "$left = Fiber.new { client.get('/', progress: ->(_) { Fiber.yield }) }; $left.resume"
  }.freeze

  def leave(how, code)
    server = serve_beginning
    process = ruby(<<~RUBY, server.url)
      client = SAC::Client.new(ARGV[0], timeout: #{10 * PATIENCE})
      #{LEFT.fetch(how)}
      $stdout.sync = true
      puts "left"
      #{code}
    RUBY
    assert_equal "left\n", Timeout.timeout(PATIENCE) { process.gets }, how
    process
  end

  LEFT.each_key do |how|
    define_method(:"test_the_process_ends_at_once_behind_a_dropped_#{how}") do
      { "exit" => 0, "abort" => 1, "exit! 3" => 3, "raise SystemExit" => 0 }.each do |code, status|
        took = seconds { assert_equal status, finish(leave(how, code)).last.exitstatus, "#{how}: #{code}" }
        assert_operator took, :<, PATIENCE / 2, "#{how}: #{code}"
      end
    end

    define_method(:"test_signals_end_the_process_behind_a_dropped_#{how}") do
      %w[INT TERM].each do |signal|
        process = leave(how, "sleep")
        Process.kill(signal, process.pid)
        assert_equal Signal.list[signal], finish(process).last.termsig, how
      end
    end
  end

  def test_a_process_ends_within_a_block
    { "exit 4" => 4, "abort" => 1, "exit!(5)" => 5, "throw :out" => 1, "raise 'x'" => 1 }.each do |code, status|
      server = serve_beginning
      process = ruby("SAC::Client.new(ARGV[0], timeout: 300).get('/') { |_| #{code} }", server.url, err: File::NULL)
      assert_equal status, finish(process).last.exitstatus, code
      server.await_closing
    end
  end

  # Apart, so that nothing on the stack of the test refers to it.
  def drop(client, times)
    times.times { Enumerator.new { |pieces| client.get("/") { |bytes| pieces << bytes } }.next }
    times.times { Fiber.new { client.get("/") { |bytes| Fiber.yield bytes } }.resume }
    times.times { client.stream("/").next }
  end

  def test_a_dropped_call_is_cancelled_when_it_is_collected_and_leaves_nothing
    process = ruby(<<~RUBY, serve_beginning.url)
      def held
        [Thread.list.size, Dir.children("/proc/self/fd").size]
      end
      def drop(client)
        10.times { Enumerator.new { |pieces| client.get("/") { |bytes| pieces << bytes } }.next }
        10.times { Fiber.new { client.get("/") { |bytes| Fiber.yield bytes } }.resume }
        10.times { client.stream("/").next }
        nil
      end
      def deep(count)
        count.zero? ? 0 : 1 + deep(count - 1)
      end
      client = SAC::Client.new(ARGV[0], timeout: #{10 * PATIENCE})
      before = held
      GC.disable
      3.times { drop(client) }
      during = held
      GC.enable
      # What the stack still holds by chance may stay: one call of each kind.
      left = ->(now) { now.zip(before).map { |number, earlier| number - earlier } }
      until left.(held)[0] <= 8
        deep(1000)
        GC.start
        sleep 0.01
      end
      p left.(during)[0] >= 90, left.(held)[1] < 100
    RUBY
    assert_equal "true\ntrue\n", finish(process).first
  end

  def test_the_connection_of_a_dropped_call_is_closed
    server = serve_beginning
    client = client_of(server, timeout: nil)
    on_a_thread { drop(client, 5) }
    closed = 0
    Timeout.timeout(PATIENCE) do
      until closed >= 13
        GC.start
        closed += 1 while server.closings.size.positive? && server.closings.pop
        Thread.pass
      end
    end
  end

  def test_the_call_of_a_thread_that_died_is_ended_though_its_fiber_is_held
    server = serve_beginning
    client = client_of(server, timeout: nil)
    fiber = on_a_thread { Fiber.new { client.get("/") { Fiber.yield } }.tap(&:resume) }
    server.await_closing
    assert_predicate fiber, :alive?
  end

  def test_a_dropped_call_holds_up_no_other
    client = client_of(serve { |request| request.path == "/" ? Server.answer : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx" })
    both_ways do
      left = Enumerator.new { |pieces| client.get("/left") { |bytes| pieces << bytes } }
      assert_equal "x", left.next
      assert_predicate client.get("/"), :ok?
      assert left
    end
  end

  def test_a_fiber_may_be_left_in_an_on_retry
    server = serve { Server.answer(status: "503 Service Unavailable") }
    on_a_thread do
      client = client_of(server, retries: 1, backoff: 0.001..0.002)
      notices = Enumerator.new { |y| client.scope(on_retry: ->(notice) { y << notice }).get("/") }
      assert_equal 503, notices.next.status
      # Interrupts still get through.
      assert_raises(Timeout::Error) { Timeout.timeout(0.05) { sleep } }
    end
  end

  def test_garbage_collection_at_every_turn_does_no_harm_to_a_stream
    process = ruby(<<~RUBY, serve { Server.answer("x" * 1000, headers: { "Content-Type" => "text/plain" }) }.url)
      client = SAC::Client.new(ARGV[0])
      GC.stress = 1
      sizes = [client.stream("/").sum(&:bytesize)]
      client.stream("/").next
      pieces = Enumerator.new { |y| client.get("/") { |bytes| y << bytes } }
      sizes << pieces.next.bytesize << Thread.new { client.stream("/").first.bytesize }.value
      GC.stress = false
      p sizes
    RUBY
    assert_equal "[1000, 1000, 1000]\n", finish(process).first
  end

  def test_a_child_that_is_forked_within_a_block_gets_an_answer_and_leaves_its_parent_the_call
    process = ruby(<<~RUBY, serve { Server.answer("x" * 500_000, headers: { "Content-Type" => "text/plain" }) }.url)
      client = SAC::Client.new(ARGV[0], timeout: #{PATIENCE})
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

  def test_a_child_that_ends_within_a_block_leaves_its_parent_the_call
    process = ruby(<<~RUBY, serve { Server.answer("x" * 500_000, headers: { "Content-Type" => "text/plain" }) }.url)
      first = true
      response = SAC::Client.new(ARGV[0]).get("/") { |_| Process.wait(fork { exit }) if first; first = false }
      puts response.code
    RUBY
    assert_equal "ok\n", finish(process).first
  end

  def test_a_stream_is_read_and_closed
    both_ways do
      client = client_of(serve { Server.answer("x" * 300_000, headers: { "Content-Type" => "text/plain" }) })
      stream = client.stream("/")
      assert_equal 300_000, stream.sum(&:bytesize)
      assert_predicate stream.response, :ok?
      assert_equal stream, stream.each(&:itself)
      refute_predicate stream, :closed?
    end
  end

  def test_a_stream_that_is_closed_ends_its_call
    both_ways do
      server = serve_beginning
      stream = client_of(server, timeout: nil).stream("/")
      assert_equal 100, stream.next.bytesize
      2.times { stream.close }
      server.await_closing
      assert_predicate stream, :closed?
      assert_raises(SAC::Cancelled) { stream.next }
    end
  end

  def test_a_stream_raises_what_went_wrong_and_obeys_another_cancel
    server = serve { Server.answer({ error: "gone" }, status: "404 Not Found") }
    assert_raises(SAC::NotFound) { client_of(server).stream("/").to_a }
    assert_raises(SAC::Cancelled) { client_of(server).stream("/", cancel: SAC::Cancel.new.trigger).next }
    assert_raises(SAC::NotFound) { client_of(server).stream("/", verb: :post).next }
    assert_equal "POST", server.requests.last.verb
  end
end
