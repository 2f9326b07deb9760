# frozen_string_literal: true

require "tempfile"
require "zlib"
require_relative "helper"

# Bodies that are read from an object while they are sent.
class UploadTest < SACTest
  BODY = (0..255).to_a.pack("C*") * 2048
  QUICK = { retries: 2, backoff: 0.001..0.002 }.freeze
  # An object that can only be read.
  Reader = Struct.new(:io) do
    def read(size)
      io.read(size)
    end
  end
  # An uploaded file, as those of Rails.
  Upload = Struct.new(:io, :content_type) do
    def read(*arguments) = io.read(*arguments)
    def rewind = io.rewind
    def size = io.size
    def to_io = io.to_io
  end

  def setup
    @server = serve
  end

  # The framing fields, the type and the body that the server receives.
  def sent(body, **options)
    assert_predicate client_of(@server).post("/", body: body, **options), :ok?
    request = @server.requests.last
    [*request.headers.values_at("content-length", "transfer-encoding", "content-type"), request.body]
  end

  def with_file(content = BODY)
    Tempfile.create("body", binmode: true) do |file|
      file.write(content)
      file.rewind
      yield file
    end
  end

  def assert_sent_with_length(expected, body)
    assert_equal [expected.bytesize.to_s, nil, "application/octet-stream", expected], sent(body)
  end

  def assert_sent_in_chunks(expected, body)
    assert_equal [nil, "chunked", "application/octet-stream", expected], sent(body)
  end

  def test_a_reader_with_a_size_is_sent_with_its_length
    on_both_paths do
      assert_sent_with_length BODY, StringIO.new(BODY)
      assert_sent_with_length BODY.byteslice(100..), StringIO.new(BODY).tap { |io| io.seek(100) }
      with_file do |file|
        assert_sent_with_length BODY, file
        assert_sent_with_length "", file
        file.seek(-3, IO::SEEK_END)
        assert_sent_with_length BODY.byteslice(-3..), file
        file.seek(-3, IO::SEEK_END)
        assert_equal ["3", nil, "image/png", BODY.byteslice(-3..)], sent([file, "image/png"])
        file.rewind
        assert_equal [BODY.bytesize.to_s, nil, "text/csv", BODY], sent(Upload.new(file, "text/csv"))
      end
      assert_sent_with_length "", StringIO.new
    end
  end

  def test_a_reader_of_unknown_length_is_sent_in_chunks
    on_both_paths do
      assert_sent_in_chunks BODY, Reader.new(StringIO.new(BODY))
      assert_sent_in_chunks "", Reader.new(StringIO.new)
      packed = StringIO.new(Zlib.gzip(BODY))
      assert_sent_in_chunks BODY, Zlib::GzipReader.new(packed)
      IO.pipe(binmode: true) do |reader, writer|
        thread = Thread.new { writer.write(BODY) && writer.close }
        assert_sent_in_chunks BODY, reader
        thread.join
      end
    end
  end

  def test_a_file_whose_size_says_nothing_is_sent_whole
    assert_equal "#{Process.pid}\n", File.open("/proc/self/stat") { |file| "#{sent(file).last.to_i}\n" }
  end

  def test_a_reader_may_return_more_than_the_wanted_bytes
    whole = Object.new.tap { |object| object.define_singleton_method(:read) { |_size| (@rest ||= [BODY * 3, "end"]).shift } }
    assert_sent_in_chunks "#{BODY * 3}end".b, whole
    plain = Object.new.tap { |object| object.define_singleton_method(:read) { BODY } }
    assert_sent_with_length BODY, plain
  end

  def test_bytes_are_sent_as_they_come
    on_both_paths do
      IO.pipe do |reader, writer|
        arrived = Thread::Queue.new
        server = serve { |request| Server.response(request.body) }
        server.define_singleton_method(:read_chunks) { |socket| super(socket) { |chunk| arrived << chunk } }
        # Each piece is written only after the one before has arrived.
        Thread.new do
          %w[one two three].each { |text| writer.write(text) && arrived.pop }
          writer.close
        end
        assert_equal "onetwothree", client_of(server).post("/", body: reader, headers: { "Accept" => "*/*" }).body
      end
    end
  end

  def test_a_reader_that_can_rewind_is_sent_again
    on_both_paths do
      count = 0
      server = serve { ((count += 1) % 3).zero? ? Server.response : Server.response(status: "503 Busy") }
      client = client_of(server, **QUICK)
      with_file do |file|
        file.seek(10)
        assert_equal [200, 3], client.put("/", body: file).then { |response| [response.status, response.attempts] }
        assert_equal [200, 3], client.put("/", body: StringIO.new(BODY)).then { |response| [response.status, response.attempts] }
      end
      assert_equal [BODY.byteslice(10..), BODY].flat_map { |body| [body] * 3 }, server.requests.map(&:body)
    end
  end

  def test_a_reader_that_cannot_rewind_is_sent_once
    on_both_paths do
      server = serve { Server.response(status: "503 Busy") }
      response = client_of(server, **QUICK).put("/", body: Reader.new(StringIO.new(BODY)))
      assert_equal [503, 1, 1], [response.status, response.attempts, server.requests.size]
    end
  end

  def test_a_redirect_sends_the_body_again
    server = serve do |request|
      request.path == "/old" ? Server.response("", status: "307 Moved", headers: { "Location" => "/new" }) : Server.response
    end
    assert_predicate client_of(server).put("/old", body: StringIO.new("body")), :ok?
    assert_equal %w[body body], server.requests.map(&:body)
  end

  def test_an_exception_in_read_or_rewind_is_raised_by_the_call
    on_both_paths do
      client = client_of(@server, **QUICK)
      failing = Reader.new(Object.new.tap { |io| io.define_singleton_method(:read) { |_| raise IOError, "of the body" } })
      assert_equal "of the body", assert_raises(IOError) { client.post("/", body: failing) }.message
      assert_raises(IOError) { client.stream("/", method: :post, body: failing) }
      assert_raises(IOError) { client.post("/", body: StringIO.new("x").tap(&:close)) }
      wrong = Reader.new(Object.new.tap { |io| io.define_singleton_method(:read) { |_| 7 } })
      assert_match(/String/, assert_raises(TypeError) { client.post("/", body: wrong) }.message)
      thrower = Reader.new(Object.new.tap { |io| io.define_singleton_method(:read) { |_| throw :out, :thrown } })
      assert_equal(:thrown, catch(:out) { client.post("/", body: thrower) })
      stuck = StringIO.new("x").tap { |io| io.define_singleton_method(:rewind) { raise IOError, "stuck" } }
      busy = client_of(serve { Server.response(status: "503 Busy") }, **QUICK)
      assert_equal "stuck", assert_raises(IOError) { busy.put("/", body: stuck) }.message
      assert_predicate client.get("/"), :ok?
    end
  end

  def test_a_body_that_ends_before_its_size_fails_the_call
    short = StringIO.new("short").tap { |io| io.define_singleton_method(:size) { 100 } }
    response = client_of(@server).post("/", body: short)
    assert_equal :invalid_argument, response.code
    assert_match(/before its length/, response.error)
  end

  def test_interrupts_end_a_call_that_waits_for_its_body
    on_both_paths do
      IO.pipe do |reader, writer|
        writer << "first"
        post = -> { Timeout.timeout(0.1) { client_of(@server).post("/", body: reader) } }
        elapsed = seconds { assert_raises(Timeout::Error, &post) }
        assert_operator elapsed, :<, TIMEOUT / 2
      end
    end
  end

  def test_read_runs_on_the_calling_thread_and_may_make_calls
    on_both_paths do
      threads = []
      client = client_of(@server)
      pieces = ["a", "b", nil]
      reader = Object.new
      reader.define_singleton_method(:read) { |_size| (threads << Thread.current) && client.get("/") && pieces.shift }
      assert_equal "ab", sent(reader).last
      assert_equal [Thread.current], threads.uniq
    end
  end

  def test_many_requests_send_their_readers_at_once
    server = serve { |request| Server.response({ size: request.body.bytesize }) }
    requests = Array.new(6) { |index| ["POST", "/", { body: StringIO.new("x" * (index * 100_000)) }] }
    sizes = client_of(server).send_all(requests).map { |response| response["size"] }
    assert_equal Array.new(6) { |index| index * 100_000 }, sizes
  end

  # A server that sends a record when the body begins, and another one when it has ended.
  def serve_during_the_body
    server = serve { ->(socket) { socket } }
    server.define_singleton_method(:read_chunks) do |socket|
      first = true
      super(socket) do
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 4\r\n\r\n1\n") if first
        first = false
      end
      socket.write("2\n")
    end
    server
  end

  def test_a_response_is_read_while_the_body_is_sent
    on_both_paths do
      finished = false
      pieces = Reader.new(Object.new.tap { |io| io.define_singleton_method(:read) { |size| "x" * size unless finished } })
      stream = client_of(serve_during_the_body).stream("/", method: :post, body: pieces)
      GC.start
      # The body does not end before the first record.
      assert_equal 1, stream.next.json
      finished = true
      assert_equal([2], stream.map(&:json))
    end
  end

  def test_fibers_of_a_scheduler_run_while_another_reads_its_body
    skip "not installed: async" unless system(RbConfig.ruby, "-rasync", "-e", "exit", err: File::NULL)
    process = ruby(<<~RUBY, @server.url, flags: ["-rasync"])
      client = SAC::Client.new(ARGV[0], timeout: #{TIMEOUT})
      reader, writer = IO.pipe
      Async do |task|
        post = task.async { client.post("/", body: reader).code }
        task.async { writer.write("x") && writer.close }
        puts post.wait
      end
    RUBY
    assert_equal "ok\n", process.read
    process.close
    assert_equal "x", @server.requests.last.body
  end

  def test_a_large_body_is_not_kept_in_memory
    Server.in_child(Server.response) do |url|
      with_file("") do |file|
        file.truncate(200 << 20)
        # A reader that makes a new string for each piece leaves more to the garbage collector.
        { "file" => 50_000, "Reader.new(file)" => 100_000 }.each do |body, limit|
          process = ruby(<<~'RUBY', url, file.path, body)
            Reader = Struct.new(:io) { def read(size) = io.read(size) }
            client = SAC::Client.new(ARGV[0], timeout: nil)
            peak = -> { File.read("/proc/self/status")[/VmHWM:\s+(\d+)/, 1].to_i }
            client.post!("/", body: "warm")
            before = peak.call
            file = File.open(ARGV[1])
            client.post!("/", body: eval(ARGV[2]))
            puts peak.call - before
          RUBY
          growth = Integer(process.read)
          process.close
          assert_operator growth, :<, limit, "KiB more for #{body} of 200 MiB"
        end
      end
    end
  end
end
