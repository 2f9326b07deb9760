# frozen_string_literal: true

require_relative "helper"

class ResponseTest < SACTest
  DATA = {
    "id" => 2**80, "name" => "Zoë", "active" => true, "none" => nil, "ratio" => 1.5,
    "items" => [{ "id" => 1 }, { "id" => 2 }], "a/b" => 1
  }.freeze

  def response(body = DATA, **options)
    @response ||= {}
    @response[[body, options]] ||= begin
      settings = options.slice(:symbolize_names)
      client_of(serve { Server.answer(body, **options.except(:symbolize_names)) }).get("/", **settings)
    end
  end

  def test_data_is_what_the_json_says
    assert_equal DATA, response.data
    assert_same response.data, response.data
  end

  def test_names_may_be_symbols
    assert_equal 2, response(DATA, symbolize_names: true).dig(:items, 1, :id)
    client = client_of(serve { Server.answer(DATA) }, symbolize_names: true)
    assert_equal "Zoë", client.get("/")[:name]
    assert_equal "Zoë", client.scope.get("/", symbolize_names: false)["name"]
  end

  def test_digging_where_there_is_nothing_is_nil
    assert_equal 2, response.dig("items", 1, "id")
    assert_nil response.dig("items", 5, "id")
    assert_nil response.dig("items", "id")
    assert_nil response.dig("name", "length")
    assert_nil response["nothing"]
    assert_nil response('"a word"')["word"]
  end

  def test_strings_are_utf8_and_the_body_is_bytes
    assert_equal Encoding::UTF_8, response.json.encoding
    assert_predicate response.json, :valid_encoding?
    assert_equal Encoding::UTF_8, response["name"].encoding
    assert_equal Encoding::BINARY, response.body.encoding
    assert_equal JSON.generate(DATA).b, response.body
  end

  def test_bytes_that_are_no_text_come_as_they_are
    bytes = (0..255).to_a.pack("C*")
    client = client_of(serve { Server.answer(bytes, headers: { "Content-Type" => "image/png" }) })
    assert_equal bytes, client.get_binary("/").body
  end

  def test_values_are_read_at_pointers
    assert_equal DATA.values_at("id", "name", "active", "none", "ratio", "a/b"),
                 %w[/id /name /active /none /ratio /a~1b].map { |pointer| response.at(pointer) }
    assert_equal DATA, response.at("")
    assert_equal({ "id" => 2 }, response.at("/items/1"))
    assert_nil response.at("/nothing")
    assert_equal %i[missing null array], %w[/nothing /none /items].map { |pointer| response.type_at(pointer) }
    assert_equal [2, 0], [response.size_at("/items"), response.size_at("/name")]
    assert_equal (2**80).to_s, response.text_at("/id")
  end

  def test_numbers_at_pointers_are_exact_where_they_can_be
    numbers = response('{"big": 1e999, "small": -9223372036854775808, "more": -9223372036854775809, "nul": "a\u0000b"}')
    assert_equal Float::INFINITY, numbers.at("/big")
    assert_equal [-(2**63), -(2**63) - 1], [numbers.at("/small"), numbers.at("/more")]
    assert_equal "a\0b", numbers.at("/nul")
  end

  def test_damaged_json_is_repaired_and_said_to_be
    assert_predicate response("{'a': 1,}"), :repaired?
    assert_equal({ "a" => 1 }, response("{'a': 1,}").data)
    assert_equal :exact, response.json_state
    assert_equal '{"a":1}', SAC::JSONText.repair('{"a": 1')
    assert_raises(SAC::NotJSON) { SAC::JSONText.repair("<html>") }
  end

  def test_nesting_beyond_reason_is_refused_and_does_no_harm
    deep = response("#{'[' * 100_000}#{']' * 100_000}")
    assert_predicate deep, :ok?
    assert_raises(JSON::NestingError) { deep.data }
    assert_equal 200_000, deep.json.bytesize
    assert_equal :array, deep.type_at("/0/0/0")
  end

  def test_headers_are_found_in_any_case
    fields = { "X-One" => "1", "Set-Cookie" => "a=1\r\nset-cookie: b=2", "Link" => '</items?page=2>; rel="next"' }
    with_headers = response("{}", headers: fields)
    headers = with_headers.headers
    assert_equal %w[1 1 1], [headers["x-one"], headers["X-ONE"], headers[:x_one]]
    assert_equal ["a=1", "a=1, b=2", %w[a=1 b=2]], [headers["set-cookie"], headers.to_h["set-cookie"], headers.all("Set-Cookie")]
    assert headers.key?("Link")
    refute headers.key?("x-two")
    assert_nil headers[nil]
    found = [headers.fetch("X-One"), headers.fetch("X-Two", "none"), headers.fetch("X-Two", &:itself)]
    assert_equal %w[1 none X-Two], found
    assert_raises(KeyError) { headers.fetch("X-Two") }
    assert_nil with_headers.header("X-Two")
    assert_equal "1", with_headers.header("X-One")
    assert_equal Encoding::UTF_8, headers["x-one"].encoding
    assert_includes headers.map(&:first), "link"
    assert_equal headers.size, headers.each.size
    refute_match(/a=1/, headers.inspect)
    assert_match(%r{\Ahttp://127.0.0.1:\d+/items\?page=2\z}, with_headers.link("next"))
    assert_nil with_headers.link("prev")
  end

  def test_the_reason_phrase_is_the_servers_own
    reasons = ["OK", "Sch\u00f6n, danke", ""]
    found = reasons.map { |reason| client_of(serve { Server.answer(status: "200 #{reason}") }).get("/").reason }
    assert_equal reasons, found
    assert_equal [Encoding::UTF_8], found.map(&:encoding).uniq
    assert_empty SAC::Client.new("http://127.0.0.1:1").get("/").reason
    assert_empty SAC::Client.new("http://127.0.0.1:1").get("no slash").reason
  end

  def test_the_journal_tells_of_each_attempt
    answers = [Server.answer(status: "503 Service Unavailable"), Server.answer]
    retried = client_of(serve { answers.shift }).get("/", retries: 1, backoff: 0.001..0.002)
    assert_equal [503, 200], retried.journal.map { |attempt| attempt[:status] }
    assert_equal 2, retried.attempts
    assert_operator retried.elapsed, :>, 0
  end

  def test_it_can_be_matched
    case response(DATA, symbolize_names: true)
    in { code: :ok, status: 200, data: { name: }, error: nil }
      assert_equal "Zoë", name
    end
    assert_equal({ code: :ok }, response.deconstruct_keys(%i[code nonsense]))
    assert_equal %i[code status error data], response.deconstruct_keys(nil).keys
  end

  def test_a_body_may_be_changed_by_whom_it_belongs_to
    assert_equal Encoding::UTF_8, response.body.force_encoding("UTF-8").encoding
  end
end
