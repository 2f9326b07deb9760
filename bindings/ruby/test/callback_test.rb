# frozen_string_literal: true

require_relative "helper"

class CallbackTest < SACTest
  QUICK = { retries: 2, backoff: 0.001..0.002 }.freeze

  def unavailable
    serve { Server.response(status: "503 Service Unavailable") }
  end

  def test_on_retry_is_called_for_each_retry
    on_both_paths do
      retries = []
      client_of(unavailable, **QUICK, on_retry: ->(info) { retries << info }).get("/")
      assert_equal [[1, :status, 503], [2, :status, 503]], retries.map { |n| [n.attempt, n.code, n.status] }
      assert(retries.all? { |info| info.wait.is_a?(Float) })
    end
  end

  def test_only_false_from_on_retry_forbids_a_retry
    on_both_paths do
      attempts = [false, nil, true].map { |result| client_of(unavailable, **QUICK, on_retry: ->(_) { result }).get("/").attempts }
      assert_equal [1, 3, 3], attempts
    end
  end

  def test_on_retry_can_be_removed
    client = client_of(unavailable, **QUICK, on_retry: ->(_) { flunk })
    client.on_retry = nil
    assert_equal 3, client.get("/").attempts
  end

  def test_callbacks_run_on_the_thread_that_makes_the_call
    on_both_paths do
      threads = []
      Thread.current[:of_the_fiber] = :here
      note = ->(*) { (threads << [Thread.current, Thread.current[:of_the_fiber]]) && "" }
      client_of(unavailable, **QUICK, logger: Logger.new(StringIO.new, formatter: note), on_retry: note).get("/")
      assert_equal [[Thread.current, :here]], threads.uniq
    end
  end

  def test_trace_gets_the_events_of_a_call
    on_both_paths do
      client = client_of(serve)
      events = []
      2.times { client.get("/", trace: ->(event) { events << event }) }
      sending = %w[connection_ready head_sent request_sent first_byte]
      first = ["connection_wanted", "connect_started", "connect_done", *sending]
      assert_equal [*first, "connection_wanted", *sending], events.map { |event| event[:event] }
      assert_equal [false, true], events.map { |event| event[:reused] }.compact
    end
  end

  def test_an_exception_in_trace_is_raised_by_the_call
    on_both_paths do
      assert_raises(IOError) { client_of(serve).get("/", trace: ->(_) { raise IOError }) }
      assert_raises(ArgumentError) { client_of(serve).get("/", trace: 5) }
      assert_predicate client_of(serve).get("/", trace: nil), :ok?
    end
  end

  def test_an_exception_in_on_retry_is_raised_by_the_call
    on_both_paths do
      client = client_of(unavailable, **QUICK, on_retry: ->(_) { raise IOError, "of the callback" })
      assert_equal "of the callback", assert_raises(IOError) { client.get("/") }.message
      assert_raises(SystemExit) { client_of(unavailable, **QUICK, on_retry: ->(_) { exit 3 }).get("/") }
    end
  end

  def test_on_retry_may_make_calls
    on_both_paths do
      other = client_of(serve)
      client = client_of(unavailable, **QUICK, on_retry: ->(_) { other.get!("/") })
      assert_equal 503, client.get("/").status
    end
  end

  def test_a_callback_may_be_left_by_throw
    on_both_paths do
      client = client_of(unavailable, **QUICK, on_retry: ->(_) { throw :out, :thrown })
      assert_equal(:thrown, catch(:out) { client.get("/") })
      assert_equal 503, client.get("/", retries: 0).status
    end
  end

  def test_a_logger_that_is_left_by_throw_does_not_unwind_the_library
    on_a_thread do
      logger = Object.new.tap { |object| object.define_singleton_method(:info) { |_| throw :out } }
      client = client_of(serve, logger: logger, log_level: :info)
      assert_raises(LocalJumpError) { catch(:out) { client.get("/") } }
    end
  end

  def test_a_tagged_logger_tags_its_lines
    on_both_paths do
      tags = []
      logger = Logger.new(StringIO.new)
      logger.define_singleton_method(:tagged) { |tag, &block| (tags << tag) && block.call }
      client_of(serve, logger: logger).get("/")
      assert_equal ["sac"], tags.uniq
      assert_same logger, client_of(serve, logger: logger).logger
    end
  end

  def test_a_logger_gets_the_lines_of_its_level
    on_both_paths do
      { "DEBUG" => 5, "INFO" => 3, "ERROR" => 1 }.each do |level, count|
        text = StringIO.new
        client_of(unavailable, **QUICK, logger: Logger.new(text, level: level)).get("/")
        assert_operator text.string.lines.size, level == "ERROR" ? :== : :>=, count, text.string
        assert_predicate text.string, :valid_encoding?
      end
    end
  end

  def test_the_log_level_can_be_set
    text = StringIO.new
    client_of(serve, logger: Logger.new(text), log_level: :error).get("/")
    assert_empty text.string
    assert_raises(SAC::InvalidArgument) { client_of(serve, logger: Logger.new(text), log_level: :loud) }
  end

  def test_later_scopes_use_the_logger_until_it_is_removed
    text = StringIO.new
    client = client_of(serve, logger: Logger.new(text))
    scope = client.scope
    client.logger = nil
    client.get("/")
    [nil, :loud].each { |level| client_of(serve, logger: Logger.new(text)).set_logger(nil, level).get("/") }
    client_of(serve, logger: Logger.new(text)).configure(logger: nil).get("/")
    client_of(serve, logger: Logger.new(text)).scope(logger: nil).get("/")
    assert_empty text.string
    GC.start
    scope.get("/")
    refute_empty text.string
  end

  def test_a_failing_logger_causes_a_warning_and_the_call_continues
    on_both_paths do
      logger = Object.new.tap { |object| object.define_singleton_method(:info) { |_| raise IOError, "disk full" } }
      _, warnings = capture_io { assert_predicate client_of(serve, logger: logger, log_level: :info).get("/"), :ok? }
      assert_match(/logging failed: disk full/, warnings)
    end
  end

  def test_a_log_contains_no_secret
    text = StringIO.new
    client = client_of(unavailable, **QUICK, bearer: "s3cret", logger: Logger.new(text), log_level: :trace)
    client.get("/", headers: { "X-Api-Key" => "s3cret" })
    refute_match(/s3cret/, text.string)
  end

  def test_the_error_for_a_hook_without_a_response_names_the_hook
    [nil, 200, "text"].each do |value|
      on_both_paths do
        client = client_of(serve)
        client.use { |request, &forward| forward.call(request) }
        client.use do |request, &forward|
          forward.call(request)
          value
        end
        [-> { client.get("/") }, -> { client.get!("/") }, -> { client.send_all(%w[/ /]) }].each do |call|
          message = assert_raises(TypeError, &call).message
          [value.class.to_s, "callback_test.rb"].each { |text| assert_includes message, text }
        end
      end
    end
  end
end
