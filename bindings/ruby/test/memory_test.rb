# frozen_string_literal: true

require_relative "helper"

class MemoryTest < SACTest
  # The resources of a process after garbage collection: resident KiB and descriptors.
  MEASURE = <<~RUBY.freeze
    require "timeout"
    def held
      3.times { GC.start }
      [File.read("/proc/self/status")[/VmRSS:\\s+(\\d+)/, 1].to_i, Dir.children("/proc/self/fd").size]
    end
    def peak
      File.read("/proc/self/status")[/VmHWM:\\s+(\\d+)/, 1].to_i
    end
    client = SAC::Client.new(ARGV[0], timeout: #{TIMEOUT})
  RUBY

  # Runs code in its own process, without the server and other tests, and returns the numbers that it prints.
  def measure(code, response)
    Server.in_child(response) do |url|
      process = ruby("#{MEASURE}#{code}", url)
      output = process.read
      process.close
      assert_predicate Process.last_status, :success?
      output.split.map { |number| Integer(number) }
    end
  end

  def test_thousands_of_calls_leak_nothing
    growth, descriptors = measure(<<~RUBY, Server.response({ items: [1, 2, 3], text: "x" * 500 }))
      logger = Class.new { def info(_) end; alias error info; alias warn info; alias debug info }.new
      client.logger = logger
      refused = SAC::Client.new("http://127.0.0.1:1")
      work = lambda do
        client.get("/").data
        client.post("/", json: { a: 1 }, headers: { x: 1 }, query: { q: 1 }).headers.to_h
        client.scope(bearer: "x") { |scope| scope.get("/", cancel: SAC::Cancel.new).journal }
        refused.get("/").error
        client.get("no-slash").error
      end
      run = lambda { |times| 2.times { |way| way == 0 ? Thread.new { times.times { work.call } }.join : times.times { work.call } } }
      run.(300)
      before = held
      run.(1_000)
      puts held.zip(before).map { |now, then_| now - then_ }
    RUBY
    assert_operator growth, :<, 3_000, "KiB more"
    assert_equal 0, descriptors
  end

  def test_interrupted_calls_leak_nothing
    growth, descriptors = measure(<<~RUBY, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
      interrupted = lambda { Timeout.timeout(0.005) { client.get("/") } rescue nil }
      run = lambda { |times| times.times { interrupted.call; Thread.new(&interrupted).join } }
      run.(40)
      before = held
      run.(150)
      sleep 0.2 # for calls that still end
      puts held.zip(before).map { |now, then_| now - then_ }
    RUBY
    assert_operator growth, :<, 3_000, "KiB more"
    assert_operator descriptors, :<=, 2
  end

  def test_the_garbage_collector_frees_large_responses_in_time
    grown, = measure(<<~RUBY, Server.response("\"#{'x' * 2_000_000}\""))
      client.get("/")
      before = peak
      300.times { client.get("/").ok? or abort }
      puts peak - before
    RUBY
    assert_operator grown, :<, 200_000, "KiB more at the peak, after 600,000 KiB of responses"
  end

  def test_a_streamed_body_of_any_size_needs_little_memory
    grown, = measure(<<~RUBY, Server.response("x" * 200_000_000))
      client.get("/") { break }
      before = peak
      total = 0
      client.get("/") { |bytes| total += bytes.bytesize }
      abort unless total == 200_000_000
      puts peak - before
    RUBY
    assert_operator grown, :<, 100_000, "KiB more at the peak, for a body of 200 MB whose pieces are not kept"
  end

  def test_a_stream_of_any_size_needs_little_memory
    grown, = measure(<<~RUBY, Server.response("[#{'"x",' * 200_000}\"#{'y' * 100_000_000}\"]"))
      read = ->(method) { client.stream("/").public_send(method).sum { |piece| piece.is_a?(String) ? piece.bytesize : 1 } }
      client.stream("/").first.json
      before = peak
      abort unless read.(:each_chunk) == 100_800_004
      stream = client.stream("/", max_body_bytes: 1000)
      abort unless (stream.sum { 1 } rescue $!.code) == :too_large
      puts peak - before
    RUBY
    assert_operator grown, :<, 50_000, "KiB more at the peak, for a stream of 100 MB whose pieces are not kept"
  end

  # Objects, their finalizers and their collection are a large part of the time that Ruby adds to a call.
  def test_a_call_makes_few_objects
    on_a_thread, on_the_main_thread = measure(<<~RUBY, Server.response({ a: 1 }))
      made = lambda do
        client.get("/").body
        before = GC.stat(:total_allocated_objects)
        500.times { client.get("/").body }
        (GC.stat(:total_allocated_objects) - before) / 500
      end
      puts Thread.new(&made).value, made.call
    RUBY
    assert_operator on_a_thread, :<=, 20, "objects of a call on a thread"
    assert_operator on_the_main_thread, :<=, 25, "objects of a call on the main thread"
  end

  def test_a_record_makes_few_objects
    on_a_thread, on_the_main_thread = measure(<<~RUBY, Server.response("[#{(['"a"'] * 2000).join(',')}]"))
      made = lambda do
        stream = client.stream("/")
        stream.next
        before = GC.stat(:total_allocated_objects)
        1000.times { stream.next }
        (GC.stat(:total_allocated_objects) - before) / 1000
      end
      puts Thread.new(&made).value, made.call
    RUBY
    assert_operator on_a_thread, :<=, 20, "objects of a record on a thread"
    assert_operator on_the_main_thread, :<=, 25, "objects of a record on the main thread"
  end

  def test_thousands_of_streams_leak_nothing
    growth, descriptors = measure(<<~RUBY, Server.response("[1,2,3]"))
      refused = SAC::Client.new("http://127.0.0.1:1")
      work = lambda do
        client.stream("/").map(&:json)
        client.stream("/").tap(&:first).close
        client.stream("/").read
        client.stream("/") { break }
        refused.stream("/").code
      end
      run = lambda { |times| 2.times { |way| way == 0 ? Thread.new { times.times { work.call } }.join : times.times { work.call } } }
      run.(200)
      before = held
      run.(500)
      puts held.zip(before).map { |now, then_| now - then_ }
    RUBY
    assert_operator growth, :<, 4_000, "KiB more"
    assert_equal 0, descriptors
  end

  # In a small process, because every new object starts a garbage collection of all live objects. Mostly only young
  # objects (1), like those of a call, because a collection of all (true) is slow.
  def test_calls_work_under_gc_stress
    count = 0
    server = serve { (count += 1).odd? ? Server.response(status: "503 Service Unavailable") : Server.response({ a: "b" * 100 }) }
    process = ruby(<<~RUBY, server.url)
      calls = lambda do
        calls_back = []
        logger = Class.new { define_method(:warn) { |line| calls_back << line.encoding } }.new
        client = SAC::Client.new(ARGV[0], retries: 1, backoff: [0.001, 0.002], logger: logger, log_level: :warn,
                                          on_retry: ->(retry_info) { calls_back << retry_info.status })
        first = client.get("/", cancel: SAC::Cancel.new)
        second = client.scope { |scope| scope.post("/", json: [1], headers: { x: "1" }, idempotency_key: "k") }
        [first["a"].size, second.at("/a").size, second.headers["content-type"], second.journal.size, calls_back.uniq.size]
      end
      results = [1, 1, 1, true].flat_map do |stress|
        GC.stress = stress
        [calls.call, Thread.new(&calls).value]
      ensure
        GC.stress = false
      end
      puts results.uniq.inspect
    RUBY
    assert_equal "#{[[100, 100, 'application/json', 2, 2]].inspect}\n", process.read
    process.close
  end

  def test_compaction_moves_nothing_that_c_uses
    client = client_of(serve { Server.response(status: "503 Service Unavailable") }, retries: 1, backoff: 0.001..0.002)
    client.on_retry = ->(_) { GC.compact && true }
    on_both_paths do
      response = client.get("/", body: "x" * 10)
      assert_equal [503, 2], [response.status, response.attempts]
    end
  end
end
