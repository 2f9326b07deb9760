# frozen_string_literal: true

require_relative "helper"

class MemoryTest < SACTest
  # What a process holds: resident KiB and descriptors, with all garbage gone.
  MEASURE = <<~RUBY.freeze
    require "timeout"
    def held
      3.times { GC.start }
      [File.read("/proc/self/status")[/VmRSS:\\s+(\\d+)/, 1].to_i, Dir.children("/proc/self/fd").size]
    end
    def peak
      File.read("/proc/self/status")[/VmHWM:\\s+(\\d+)/, 1].to_i
    end
    client = SAC::Client.new(ARGV[0], timeout: #{PATIENCE})
  RUBY

  # Runs code apart from the server and from the other tests, and hands over what it prints.
  def measure(code, answer)
    Server.apart(answer) do |url|
      process = ruby("#{MEASURE}#{code}", url)
      output = process.read
      process.close
      assert_predicate Process.last_status, :success?
      output.split.map { |number| Integer(number) }
    end
  end

  def test_ten_thousand_calls_leave_nothing_behind
    growth, descriptors = measure(<<~RUBY, Server.answer({ items: [1, 2, 3], text: "x" * 500 }))
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

  def test_interrupted_calls_leave_nothing_behind
    growth, descriptors = measure(<<~RUBY, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
      interrupted = lambda { Timeout.timeout(0.005) { client.get("/") } rescue nil }
      run = lambda { |times| times.times { interrupted.call; Thread.new(&interrupted).join } }
      run.(40)
      before = held
      run.(150)
      sleep 0.2 # The calls that were left end by themselves.
      puts held.zip(before).map { |now, then_| now - then_ }
    RUBY
    assert_operator growth, :<, 3_000, "KiB more"
    assert_operator descriptors, :<=, 2
  end

  def test_large_responses_do_not_pile_up_until_ruby_sees_them
    grown, = measure(<<~RUBY, Server.answer("\"#{'x' * 2_000_000}\""))
      client.get("/")
      before = peak
      300.times { client.get("/").ok? or abort }
      puts peak - before
    RUBY
    assert_operator grown, :<, 200_000, "KiB more at the peak, of 600,000 that went through"
  end

  def test_a_body_of_any_size_goes_through_little_memory
    grown, = measure(<<~RUBY, Server.answer("x" * 200_000_000))
      client.get("/") { break }
      before = peak
      total = 0
      client.get("/") { |bytes| total += bytes.bytesize }
      abort unless total == 200_000_000
      puts peak - before
    RUBY
    assert_operator grown, :<, 100_000, "KiB more at the peak, for a body of 200 MB and pieces that are garbage at once"
  end

  # In a small process, since all that is alive is looked at for each object that is made. Mostly young
  # objects alone (1), which those of a call are; all of them (true) take their time.
  def test_garbage_collection_at_every_turn_does_no_harm
    count = 0
    server = serve { (count += 1).odd? ? Server.answer(status: "503 Service Unavailable") : Server.answer({ a: "b" * 100 }) }
    process = ruby(<<~RUBY, server.url)
      calls = lambda do
        told = []
        logger = Class.new { define_method(:warn) { |line| told << line.encoding } }.new
        client = SAC::Client.new(ARGV[0], retries: 1, backoff: [0.001, 0.002], logger: logger, log_level: :warn,
                                          on_retry: ->(notice) { told << notice.status })
        first = client.get("/", cancel: SAC::Cancel.new)
        second = client.scope { |scope| scope.post("/", json: [1], headers: { x: "1" }, idempotency_key: "k") }
        [first["a"].size, second.at("/a").size, second.headers["content-type"], second.journal.size, told.uniq.size]
      end
      seen = [1, 1, 1, true].flat_map do |stress|
        GC.stress = stress
        [calls.call, Thread.new(&calls).value]
      ensure
        GC.stress = false
      end
      puts seen.uniq.inspect
    RUBY
    assert_equal "#{[[100, 100, 'application/json', 2, 2]].inspect}\n", process.read
    process.close
  end

  def test_compaction_moves_nothing_that_c_holds
    client = client_of(serve { Server.answer(status: "503 Service Unavailable") }, retries: 1, backoff: 0.001..0.002)
    client.on_retry = ->(_) { GC.compact && true }
    both_ways { assert_equal [503, 2], client.get("/", body: "x" * 10).then { |response| [response.status, response.attempts] } }
  end
end
