# frozen_string_literal: true

require_relative "helper"

# The records of streams.
class RecordTest < SACTest
  EVENTS = <<~TEXT
    : a comment
    id: 1
    event: delta
    data: {"text": "a"}

    data: first
    data: second

    data: [DONE]

  TEXT
  LINES = %({"id":1}\n{"id":2,}\noops\n["ü"]\n)

  def serve_text(text, type)
    serve { Server.response(text, headers: { "Content-Type" => type }) }
  end

  # A server whose every event stream ends after one event, and that says 204 after the last event.
  def serve_interrupted_events(count)
    serve do |request|
      id = request.headers["last-event-id"].to_i + 1
      event = "retry: 1\nid: #{id}\ndata: {\"n\": #{id}}\n\n"
      fields = "Content-Type: text/event-stream\r\nContent-Length: 1000"
      id > count ? Server.response("", status: "204 None") : close_after("HTTP/1.1 200 OK\r\n#{fields}\r\n\r\n#{event}")
    end
  end

  def close_after(text)
    lambda do |socket|
      socket.write(text)
      socket.close
      socket
    end
  end

  def test_events_have_a_type_an_id_and_data
    on_both_paths do
      records = client_of(serve_text(EVENTS, "text/event-stream")).stream("/").to_a
      expected = [["delta", "1", '{"text": "a"}'], %W[message 1 first\nsecond], %w[message 1 [DONE]]]
      assert_equal(expected, records.map { |record| [record.type, record.id, record.data] })
      assert_equal({ "text" => "a" }, records.first.json)
      assert_equal [Encoding::UTF_8], records.flat_map { |record| [record.type, record.id, record.data] }.map(&:encoding).uniq
    end
  end

  def test_lines_and_elements_of_an_array_are_records
    lines = client_of(serve_text(LINES, "application/x-ndjson")).stream("/").to_a
    assert_equal ['{"id":1}', '{"id":2,}', "oops", '["ü"]'], lines.map(&:data)
    assert_equal [%w[], %w[]], [lines.map(&:type), lines.map(&:id)].map { |texts| texts.reject(&:empty?) }
    elements = client_of(serve_text('[{"id":1}, 2, "three", false]', "application/json")).stream("/").map(&:json)
    assert_equal [{ "id" => 1 }, 2, "three", false], elements
  end

  def test_an_option_says_how_the_body_is_split
    client = client_of(serve_text("[1,\n2]", "text/plain"))
    { auto: [1, 2], lines: [[1, 2]], array: [1, 2], events: [] }.each do |kind, expected|
      assert_equal expected, client.stream("/", records: kind).map(&:json), kind
    end
    assert_match(/auto, events, lines, array/, assert_raises(ArgumentError) { client.stream("/", records: :words) }.message)
    assert_equal "text/event-stream", @servers.last.requests.last.headers["accept"]
  end

  def test_a_damaged_record_is_repaired_or_says_so_and_the_stream_goes_on
    on_both_paths do
      records = client_of(serve_text(LINES, "application/x-ndjson")).stream("/").to_a
      assert_equal %i[ok ok not_json ok], records.map(&:code)
      assert_equal %i[exact repaired none exact], records.map(&:json_state)
      assert_equal [false, true, false, false], records.map(&:repaired?)
      assert_equal [true, true, false, true], records.map(&:ok?)
      assert_equal [2, ["ü"]], [records[1].json["id"], records[3].json]
      assert_kind_of String, records[2].json["error"]
    end
  end

  def test_a_record_matches_patterns
    record = SAC::Record.new(type: "delta", id: "7", data: '{"text": "a"}', symbolize_names: true)
    assert_equal("a", record.then { |value| value in { type: "delta", id: "7", json: { text: } } and text })
    assert_equal(%i[type id data json json_state code], record.deconstruct_keys(nil).keys)
    # A pattern that does not name the JSON does not parse it.
    deep = SAC::Record.new(data: "#{'[' * 1000}#{']' * 1000}")
    assert_equal(true, deep.then { |value| value in { type: "", data: String } })
    assert_raises(JSON::NestingError) { deep.json }
  end

  def test_a_record_is_a_frozen_value
    first, second = client_of(serve_text("1\n2\n", "application/x-ndjson")).stream("/").to_a
    [first, first.type, first.id, first.data, first.json_text].each { |object| assert_predicate object, :frozen? }
    same = SAC::Record.new(data: "1")
    assert_equal [true, true, true, false], [first == same, first.eql?(same), first.hash == same.hash, first == second]
    assert_equal %w[1 1], [first.to_json, JSON.generate(first)]
    assert_equal "[1]", JSON.generate([first])
    assert_equal 1, first.as_json
    assert_equal first, Marshal.load(Marshal.dump(first))
  end

  def test_the_data_of_a_record_may_have_any_encoding_and_size
    on_both_paths do
      large = "x" * 3_000_000
      records = client_of(serve_text("\"\xE9\"\n\"#{large}\"\n", "application/x-ndjson")).stream("/").to_a
      assert_equal [Encoding::BINARY, Encoding::UTF_8], records.map { |record| record.data.encoding }
      assert_equal [true, large], [records.first.json.valid_encoding?, records.last.json]
    end
  end

  def test_a_record_does_not_show_its_data
    record = SAC::Record.new(type: "delta", data: "s3cret")
    refute_includes record.inspect, "s3cret"
    assert_includes record.inspect, "delta"
  end

  def test_names_are_symbols_as_for_responses
    server = serve_text(%({"a":1}\n), "application/x-ndjson")
    assert_equal({ a: 1 }, client_of(server, symbolize_names: true).stream("/").first.json)
    assert_equal({ a: 1 }, client_of(server).stream("/", symbolize_names: true).first.json)
  end

  def test_interrupted_events_continue_after_the_last_one
    on_both_paths do
      server = serve_interrupted_events(3)
      stream = client_of(server).stream("/", retries: 1)
      assert_equal([1, 2, 3], stream.map { |record| record.json["n"] })
      assert_equal [nil, "1", "2", "3"], server.requests.map { |request| request.headers["last-event-id"] }
      assert_predicate stream, :ok?
    end
  end

  def test_the_last_event_id_of_an_earlier_stream_is_sent
    server = serve_interrupted_events(9)
    client = client_of(server)
    assert_equal ["6"], client.stream("/", last_event_id: "5").first(1).map(&:id)
    assert_equal "5", server.requests.first.headers["last-event-id"]
    ["a\nb", "a\0b"].each { |id| assert_equal :invalid_header, client.stream("/", last_event_id: id).code }
  end

  def test_without_retries_an_interrupted_stream_fails_after_its_good_records
    on_both_paths do
      ids = []
      stream = client_of(serve_interrupted_events(3)).stream("/")
      error = assert_raises(SAC::Closed) { stream.each { |record| ids << record.id } }
      assert_equal [%w[1], 200, :closed, error.message], [ids, error.status, stream.code, stream.error]
      refute_predicate stream, :ok?
      # It stays failed.
      3.times { assert_equal error.message, assert_raises(SAC::Closed) { stream.next }.message }
      assert_raises(SAC::Closed) { stream.or_raise }
    end
  end

  def test_a_record_that_is_too_large_ends_the_stream
    client = client_of(serve_text("1\n\"#{'x' * 100_000}\"\n3\n", "application/x-ndjson"), max_body_bytes: 1000)
    assert_raises(SAC::TooLarge) { client.stream("/") { |record| assert_equal 1, record.json } }
  end

  def test_a_failed_call_of_a_reconnection_is_an_error
    count = 0
    server = serve do
      fields = "Content-Type: text/event-stream\r\nContent-Length: 99"
      next Server.response("{}", status: "403 No") if (count += 1).even?

      close_after("HTTP/1.1 200 OK\r\n#{fields}\r\n\r\nretry: 1\ndata: x\n\n")
    end
    client = client_of(server)
    error = assert_raises(SAC::StatusError) { client.stream("/", retries: 1) { |record| assert_equal "x", record.data } }
    assert_equal :status, error.code
  end
end
