# frozen_string_literal: true

require "tempfile"
require_relative "helper"

# Streams: responses that are read while they arrive.
class StreamReadTest < SACTest
  HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
  BODY = (0..255).to_a.pack("C*") * 4096

  # A server that sends the head, and then each text from a queue as a chunk. Nil from the queue ends the body; until
  # then it sees when the client closes the connection.
  def serve_queue(queue)
    serve { ->(socket) { send_chunks(socket, queue) } }
  end

  def send_chunks(socket, queue)
    socket.write("#{HEAD}Transfer-Encoding: chunked\r\n\r\n")
    while (text = queue.pop)
      socket.write("#{text.bytesize.to_s(16)}\r\n#{text}\r\n")
    end
    socket.write("0\r\n\r\n")
    socket
  end

  # A server that sends two records, and then nothing more.
  def serve_endless
    serve { "#{HEAD}Content-Length: 1000000\r\n\r\n1\n2\n" }
  end

  def serve_body
    serve { Server.response(BODY, headers: { "Content-Type" => "application/octet-stream" }) }
  end

  # What the block raises.
  def self.error_of
    yield
  rescue StandardError => e
    e
  end

  def test_the_head_is_there_before_the_body
    on_both_paths do
      queue = Thread::Queue.new
      stream = client_of(serve_queue(queue)).stream("/")
      response = stream.response
      assert_same response, stream.head
      assert_equal [200, :ok, "application/x-ndjson"], [response.status, response.code, response.content_type]
      assert_equal [1, 1], [response.attempts, response.journal.size]
      3.times do |number|
        queue << "#{number}\n"
        assert_equal number, stream.next.json
      end
      queue << nil
      assert_raises(StopIteration) { stream.next }
      assert_equal [:ok, nil, false], [stream.code, stream.error, stream.closed?]
    end
  end

  def test_the_response_outlives_its_stream
    on_both_paths do
      responses = [serve_body, serve { Server.response('{"error":"gone","n":1.10}', status: "404 Not Found") }].map do |server|
        stream = client_of(server).stream("/")
        stream.close
        stream.response
      end
      GC.start
      assert_equal %w[application/octet-stream application/json], responses.map(&:content_type)
      assert_equal %w[GET 1.10], [responses.first.verb, responses.last.text_at("/n")]
    end
  end

  def test_a_block_gets_the_records_and_the_stream_is_closed
    on_both_paths do
      server = serve { Server.response("1\n2\n", headers: { "Content-Type" => "application/x-ndjson" }) }
      seen = []
      stream = client_of(server).stream("/", method: :post, json: {}) { |record| seen << [record.json, Thread.current] }
      assert_equal [[1, Thread.current], [2, Thread.current]], seen
      assert_equal [SAC::Stream, true, :ok, "POST"], [stream.class, stream.closed?, stream.code, server.requests.last.verb]
    end
  end

  # The ways to leave a block, and the results.
  LEAVING = {
    break: ->(client) { client.stream("/") { |record| break record.json } },
    throw: ->(client) { catch(:out) { client.stream("/") { |record| throw :out, record.json } } },
    raise: ->(client) { StreamReadTest.error_of { client.stream("/") { |record| raise IOError, record.data } }.message.to_i },
    return: ->(client) { -> { client.stream("/") { |record| return record.json } }.call }
  }.freeze

  LEAVING.each do |how, call|
    define_method(:"test_#{how}_in_a_block_closes_the_connection") do
      on_both_paths do
        server = serve_endless
        assert_equal 1, call.call(client_of(server))
        server.wait_for_close
      end
    end
  end

  def test_a_connection_is_kept_after_the_end_and_closed_before
    on_both_paths do
      server = serve { Server.response("1\n2\n", headers: { "Content-Type" => "application/x-ndjson" }) }
      client = client_of(server)
      3.times { assert_equal 2, client.stream("/").count }
      client.stream("/").read
      assert_predicate client.get("/"), :ok?
      assert_equal [1], server.requests.map(&:connection).uniq
      stream = client_of(other = serve_endless).stream("/")
      assert_equal 1, stream.first.json
      2.times { stream.close }
      other.wait_for_close
    end
  end

  def test_reading_continues_where_it_was_left
    on_both_paths do
      client = client_of(serve { Server.response("[1,2,3,4,5,6,7]") })
      stream = client.stream("/")
      assert_equal [1, 2, 3], [stream.next, *stream.first(2)].map(&:json)
      assert_equal([8, 10], stream.lazy.map { |record| record.json * 2 }.first(2))
      assert_equal 6, stream.each.next.json
      assert_equal [7], stream.map(&:json)
      assert_empty stream.to_a
    end
  end

  def test_bytes_are_read_as_from_an_io
    on_both_paths do
      client = client_of(serve_body)
      stream = client.stream("/")
      assert_equal BODY.byteslice(0, 5), stream.read(5)
      assert_equal "", stream.read(0)
      buffer = +"old"
      assert_same buffer, stream.read(100_000, buffer)
      assert_equal BODY.byteslice(5, 100_000), buffer
      assert_includes 1..7, stream.readpartial(7, buffer).bytesize
      rest = stream.read
      assert_equal [BODY.byteslice(-rest.bytesize, rest.bytesize), Encoding::BINARY], [rest, rest.encoding]
      assert_equal ["", nil], [stream.read, stream.read(1)]
      assert_raises(EOFError) { stream.readpartial(1, buffer) }
      assert_empty buffer
      [-> { stream.read(-1) }, -> { stream.readpartial(-1) }].each { |call| assert_raises(ArgumentError, &call) }
    end
  end

  def test_bytes_are_read_in_pieces
    on_both_paths do
      client = client_of(serve_body)
      pieces = client.stream("/").each_chunk.to_a
      assert_equal [BODY, Encoding::BINARY], [pieces.join, pieces.first.encoding]
      assert_operator pieces.size, :>, 1
      chunks = client.stream("/").chunks
      assert_equal BODY.byteslice(0, 1), chunks.first.byteslice(0, 1)
      chunks.close
      assert_raises(SAC::Cancelled) { chunks.each(&:itself) }
      Tempfile.create("copy", binmode: true) do |file|
        assert_equal BODY.bytesize, IO.copy_stream(client.stream("/"), file)
        assert_equal BODY, File.binread(file.path)
      end
    end
  end

  def test_records_and_bytes_do_not_mix
    stream = client_of(serve { Server.response("1\n2\n", headers: { "Content-Type" => "application/x-ndjson" }) }).stream("/")
    stream.next
    assert_match(/read by records/, assert_raises(SAC::InvalidArgument) { stream.read(1) }.message)
    assert_equal [2, :ok], [stream.next.json, stream.code]
  end

  def test_a_failed_call_is_in_the_response_and_reading_raises_it
    on_both_paths do
      client = client_of(serve { Server.response({ error: "gone" }, status: "404 Not Found") })
      stream = client.stream("/")
      assert_equal [404, "gone", "gone", :status], [stream.response.status, stream.response["error"], stream.error, stream.code]
      [-> { stream.next }, -> { stream.read }, -> { stream.to_a }, -> { stream.or_raise }, -> { stream.chunks.to_a },
       -> { client.stream!("/") }, -> { client.stream("/") { flunk } }].each do |call|
        assert_equal 404, assert_raises(SAC::NotFound, &call).status
      end
      assert_equal :connect, SAC::Client.new("http://127.0.0.1:1").stream("/").code
      assert_equal :invalid_path, client.stream("no-slash").code
      assert_raises(ArgumentError) { client.stream("/", unknown: 1) }
      assert_equal :invalid_argument, client.stream("/", output_file: "/nowhere/file").code
    end
  end

  def test_a_response_without_a_body_has_no_records
    ["204 None", "304 Not Modified"].each do |status|
      on_both_paths do
        stream = client_of(serve { "HTTP/1.1 #{status}\r\n\r\n" }).stream("/")
        assert_equal [status.to_i, [], "", :ok], [stream.response.status, stream.to_a, stream.read, stream.code]
      end
    end
  end

  def test_until_the_head_a_stream_is_as_any_other_call
    count = 0
    server = serve do |request|
      next Server.response("", status: "302 Found", headers: { "Location" => "/new" }) if request.path == "/old"

      (count += 1) == 1 ? Server.response(status: "503 Busy") : Server.response("[1]")
    end
    client = client_of(server, retries: 1, backoff: 0.001..0.002, bearer: "secret")
    stream = client.stream("/old", query: { a: "b c" }, headers: { x_own: 1 }, cookies: { c: 1 })
    assert_equal [[1], 2], [stream.map(&:json), stream.response.attempts]
    fields = server.requests.first.headers
    assert_equal ["Bearer secret", "1", "c=1", "*/*"], fields.values_at("authorization", "x-own", "cookie", "accept")
    assert_equal "/old?a=b%20c", server.requests.first.path
  end

  def test_silence_ends_a_read
    on_both_paths do
      stream = client_of(serve_endless, timeout: nil).stream("/", read_timeout: 0.5)
      assert_equal 2, stream.first(2).size
      assert_raises(SAC::Timeout) { stream.next }
      assert_raises(SAC::Timeout) { client_of(serve_endless).stream("/", deadline: 0.1).to_a }
    end
  end

  def test_the_timeout_ends_with_the_head
    queue = Thread::Queue.new
    stream = client_of(serve_queue(queue)).stream("/", timeout: 1)
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    reader = Thread.new { stream.next.json }
    # The record comes after the time of the attempt.
    Thread.pass until Process.clock_gettime(Process::CLOCK_MONOTONIC) - started > 1.1
    queue << "7\n"
    assert_equal 7, reader.value
  end

  def test_interrupts_end_a_read_and_its_stream
    on_both_paths do
      stream = client_of(serve_endless, timeout: nil).stream("/")
      assert_equal 2, stream.first(2).size
      elapsed = seconds { assert_raises(Timeout::Error) { Timeout.timeout(0.1) { stream.next } } }
      assert_operator elapsed, :<, TIMEOUT / 2
      assert_equal :cancelled, stream.code
      assert_raises(SAC::Cancelled) { stream.next }
      @servers.last.wait_for_close
    end
  end

  # A thread that waits for the third record of an endless stream.
  def waiting_reader(stream)
    seen = Thread::Queue.new
    thread = Thread.new do
      Thread.current.report_on_exception = false
      stream.each { |record| seen << record }
    ensure
      seen << :ended
    end
    2.times { seen.pop }
    [thread, seen]
  end

  def test_a_kill_ends_a_read_and_runs_its_ensure
    server = serve_endless
    thread, seen = waiting_reader(client_of(server, timeout: nil).stream("/"))
    thread.kill
    assert thread.join(TIMEOUT / 2), "the read does not end"
    assert_equal :ended, seen.pop
    server.wait_for_close
  end

  def test_a_cancel_and_a_close_by_another_thread_end_a_read
    cancel = SAC::Cancel.new
    { cancel: ->(_) { cancel.trigger }, close: :close.to_proc }.each do |how, ending|
      stream = client_of(serve_endless, timeout: nil).stream("/", cancel: cancel)
      thread, = waiting_reader(stream)
      ending.call(stream)
      assert_raises(SAC::Cancelled, how) { thread.join(TIMEOUT / 2) or flunk "the read does not end: #{how}" }
      @servers.last.wait_for_close
      cancel = SAC::Cancel.new
    end
  end

  def test_a_triggered_cancel_ends_the_next_read
    on_both_paths do
      cancel = SAC::Cancel.new
      stream = client_of(serve_endless).stream("/", cancel: cancel)
      assert_equal 2, stream.first(2).size
      cancel.trigger
      assert_raises(SAC::Cancelled) { stream.next }
      assert_equal :cancelled, client_of(serve_endless).stream("/", cancel: cancel).code
    end
  end

  def test_one_thread_at_a_time_reads
    stream = client_of(serve_endless, timeout: nil).stream("/")
    assert_equal 2, stream.first(2).size
    outcomes = Thread::Queue.new
    # No third record comes, so one of them waits.
    threads = Array.new(2) { Thread.new { outcomes << StreamReadTest.error_of { stream.next } } }
    assert_match(/another thread/, outcomes.pop.message)
    assert_predicate stream, :ok?
    stream.close
    assert_kind_of SAC::Cancelled, outcomes.pop
    threads.each(&:join)
  end

  def test_ctrl_c_ends_a_read_on_the_main_thread
    process = ruby(<<~RUBY, serve_endless.url)
      begin
        SAC::Client.new(ARGV[0], timeout: nil).stream("/") { |record| puts record.data; $stdout.flush }
      rescue Interrupt
        puts "interrupted"
      end
    RUBY
    2.times { process.gets }
    Process.kill("INT", process.pid)
    assert_equal "interrupted\n", Timeout.timeout(TIMEOUT / 2, Timeout::Error, "the read does not end") { process.read }
  ensure
    Process.kill("KILL", process.pid)
    process.close
  end

  def test_hooks_see_the_head
    server = serve { |request| Server.response("[1]", status: request.path == "/old" ? "401 No" : "200 OK") }
    on_both_paths do
      client = client_of(server)
      statuses = []
      client.use do |request, &forward|
        response = forward.call(request).tap { |first| statuses << first.status }
        next response unless response.status == 401

        request.path = "/new"
        forward.call(request).tap { |second| statuses << second.status }
      end
      stream = client.stream("/old")
      assert_equal [[401, 200], 200, [1]], [statuses, stream.response.status, stream.map(&:json)]
    end
  end

  def test_a_hook_may_make_the_response
    client = client_of(serve)
    client.use { |_| SAC::Response.build(status: client.base_url && 404) }
    assert_raises(SAC::NotFound) { client.stream("/") { flunk } }
    other = client_of(serve)
    other.use { |_| SAC::Response.build }
    assert_match(/hook/, assert_raises(SAC::InvalidArgument) { other.stream("/").next }.message)
  end

  def test_the_log_and_the_progress_of_a_stream_are_on_the_reading_thread
    on_both_paths do
      threads = []
      note = ->(*) { (threads << Thread.current) && "" }
      client = client_of(serve_body, logger: Logger.new(StringIO.new, formatter: note))
      stream = client.stream("/", progress: note)
      GC.start
      stream.read
      assert_equal [Thread.current], threads.uniq
      assert_operator threads.size, :>, 3
      assert_raises(IOError) { client.stream("/", progress: ->(_) { raise IOError }).read }
    end
  end

  def test_a_callback_of_a_read_cannot_read_the_stream
    stream = client_of(serve_body).stream("/", progress: ->(_) { stream&.read(1) })
    assert_match(/callback/, assert_raises(SAC::InvalidArgument) { stream.read }.message)
  end

  def test_a_stream_outlives_its_client
    on_both_paths do
      client = client_of(serve { Server.response("[1,2]") })
      stream = client.scope { |scope| scope.stream("/") }
      client.close
      assert_equal [1, 2], stream.map(&:json)
      assert_raises(SAC::ClientClosed) { client.stream("/") }
    end
  end

  def test_many_streams_are_read_at_once
    records = ->(path) { Array.new(200) { |number| [path, number] } }
    client = client_of(serve { |request| Server.response(records.call(request.path)) })
    paths = Array.new(20) { |index| "/#{index}" }
    threads = paths.map { |path| Thread.new { client.stream(path).map(&:json) } }
    assert_equal paths.map(&records), read_in_turn(paths.map { |path| client.stream(path) })
    assert_equal paths.map(&records), threads.map(&:value)
  end

  # Reads one record of each stream, then the next one of each.
  def read_in_turn(streams)
    Array.new(200) { streams.map { |stream| stream.next.json } }.transpose
  end

  def test_a_child_cannot_read_the_stream_of_its_parent
    on_both_paths do
      queue = Thread::Queue.new
      stream = client_of(serve_queue(queue)).stream("/")
      queue << "1\n"
      assert_equal 1, stream.next.json
      reader, writer = IO.pipe
      pid = fork do
        writer.write(StreamReadTest.error_of { stream.next }.class.name)
        stream.close
        GC.start
        exit!(0)
      end
      Process.wait(pid)
      writer.close
      assert_equal "SAC::Closed", reader.read
      queue << "2\n" << nil
      assert_equal([2], stream.map(&:json))
    end
  end

  def test_a_stream_hides_its_content
    stream = client_of(serve { Server.response("s3cret") }).stream("/", query: { key: "s3cret" })
    [stream.inspect, stream.chunks.inspect, stream.to_json].each { |text| refute_includes text, "s3cret" }
    assert_includes stream.inspect, "200"
  end
end
