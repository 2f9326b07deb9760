# frozen_string_literal: true

require_relative "helper"

# A client that is made before a fork and used after it, as in servers with several processes.
class ForkTest < SACTest
  # Runs the block in a child and returns its result.
  def in_child(&block)
    pid, reader = start_child(&block)
    finish_child(pid, reader)
  end

  def start_child
    reader, writer = IO.pipe
    pid = fork do
      reader.close
      outcome = begin
        yield
      rescue Exception => e # rubocop:disable Lint/RescueException
        "#{e.class}: #{e.message} at #{e.backtrace.first(3)}"
      end
      writer.write(Marshal.dump(outcome))
      writer.close
      exit!(0)
    end
    writer.close
    [pid, reader]
  end

  def finish_child(pid, reader)
    outcome = Timeout.timeout(2 * TIMEOUT) { reader.read }
    refute_empty outcome, "the child ended without a result"
    Marshal.load(outcome)
  ensure
    Process.kill("KILL", pid)
    Process.wait(pid)
  end

  def serve_connection_numbers
    serve { |request| Server.response({ connection: request.connection }) }
  end

  def test_parent_and_children_have_their_own_connections
    client = client_of(serve_connection_numbers)
    ours = client.get!("/")["connection"]
    children = Array.new(3) { start_child { Array.new(2) { client.get!("/")["connection"] } } }
    theirs = children.map { |child| finish_child(*child) }
    assert_equal [1, 1, 1], theirs.map { |numbers| numbers.uniq.size }, theirs.inspect
    assert_equal 4, [ours, *theirs.flatten].uniq.size
    assert_equal ours, client.get!("/")["connection"]
  end

  def test_threads_of_a_child_can_make_calls_and_be_interrupted
    server = serve { |request| request.path == "/slow" ? nil : Server.response }
    client = client_of(server)
    on_a_thread { client.get("/") }
    outcome = in_child do
      codes = Array.new(4) { Thread.new { client.get("/").code } }.map(&:value)
      interrupted = -> { Timeout.timeout(0.1) { client.get("/slow") } && false rescue true }
      codes << Thread.new(&interrupted).value << interrupted.call
    end
    assert_equal [*[:ok] * 4, true, true], outcome
  end

  def test_a_child_does_not_affect_the_calls_of_its_parent
    released = Thread::Queue.new
    server = serve { |request| request.path == "/wait" ? released.pop && Server.response : Server.response }
    client = client_of(server)
    cancel = SAC::Cancel.new
    calls = Array.new(3) { Thread.new { client.get("/wait", cancel: cancel) } }
    3.times { server.wait_for_request }
    outcome = in_child do
      # These must not affect the parent, whose descriptors the child has inherited.
      cancel.trigger
      codes = [client.get("/").code, client.scope { |scope| scope.get("/").code }]
      client.close
      codes
    end
    assert_equal %i[ok ok], outcome
    assert(calls.all?(&:alive?))
    3.times { released << true }
    assert_equal [:ok] * 3, calls.map { |call| call.value.code }
  end

  def test_a_fork_during_calls_is_safe
    client = client_of(serve, bearer: "token")
    finished = false
    callers = Array.new(3) { Thread.new { Array.new(1) { client.get("/").code } until finished } }
    10.times { assert_equal %i[ok ok], in_child { [client.get("/").code, Thread.new { client.get("/").code }.value] } }
    finished = true
    callers.each(&:join)
    assert_predicate client.get("/"), :ok?
  end

  def test_a_logger_works_in_a_child
    log = StringIO.new
    client = client_of(serve, logger: Logger.new(log))
    client.get("/")
    lines = in_child { client.get("/") && log.string.lines.size }
    assert_operator lines, :>, log.string.lines.size
  end

  def test_a_child_closes_its_parents_descriptors_for_cancels
    release = Thread::Queue.new
    server = serve { |request| (request.path == "/" || release.pop) && Server.response }
    client = client_of(server)
    calls = Array.new(4) { Thread.new { client.get("/wait") } }
    4.times { server.wait_for_request }
    4.times { release << true }
    calls.each(&:join)
    mine = pipes
    assert_operator in_child { client.get("/") && (mine & pipes).size }, :<=, mine.size - 4
  end

  # The pipes of which this process has both ends, as of a cancel.
  def pipes
    links = Dir.children("/proc/self/fd").filter_map { |fd| File.readlink("/proc/self/fd/#{fd}") rescue nil }
    links.grep(/pipe/).tally.select { |_, ends| ends == 2 }.keys
  end
end
