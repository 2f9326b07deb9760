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
      client_of(serve { Server.response(body, **options.except(:symbolize_names)) }).get("/", **settings)
    end
  end

  def test_data_is_the_parsed_json
    assert_equal DATA, response.data
    assert_same response.data, response.data
  end

  def test_names_may_be_symbols
    assert_equal 2, response(DATA, symbolize_names: true).dig(:items, 1, :id)
    client = client_of(serve { Server.response(DATA) }, symbolize_names: true)
    assert_equal "Zoë", client.get("/")[:name]
    assert_equal "Zoë", client.scope.get("/", symbolize_names: false)["name"]
  end

  def test_dig_returns_nil_if_there_is_no_value
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

  def test_bytes_that_are_not_text_are_unchanged
    bytes = (0..255).to_a.pack("C*")
    client = client_of(serve { Server.response(bytes, headers: { "Content-Type" => "image/png" }) })
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

  def test_integers_at_pointers_are_exact
    numbers = response('{"big": 1e999, "small": -9223372036854775808, "more": -9223372036854775809, "nul": "a\u0000b"}')
    assert_equal Float::INFINITY, numbers.at("/big")
    assert_equal [-(2**63), -(2**63) - 1], [numbers.at("/small"), numbers.at("/more")]
    assert_equal "a\0b", numbers.at("/nul")
  end

  def test_damaged_json_is_repaired_and_reported
    assert_predicate response("{'a': 1,}"), :repaired?
    assert_equal({ "a" => 1 }, response("{'a': 1,}").data)
    assert_equal :exact, response.json_state
    assert_equal '{"a":1}', SAC::JSONText.repair('{"a": 1')
    assert_raises(SAC::NotJSON) { SAC::JSONText.repair("<html>") }
  end

  def test_lone_surrogates_are_replaced
    text = '{"a":"\ud800","b":"x\uDC00\ud83d\ude00y","\ud800":[1],"c":"\\\\ud800","d":"\ud800\ud83d\ude00","e":"\ud800\n"}'
    found = response(text)
    data = { "a" => "\uFFFD", "b" => "x\uFFFD\u{1F600}y", "\uFFFD" => [1], "c" => '\ud800', "d" => "\uFFFD\u{1F600}",
             "e" => "\uFFFD\n" }
    assert_equal data, found.data
    assert_equal data, Marshal.load(Marshal.dump(found)).data
    assert_equal data.values_at("a", "b", "c", "d", "e"), %w[/a /b /c /d /e].map { |pointer| found.at(pointer) }
    assert_equal "\uFFFD", response('{"a":{"b":"\udfff"}}').at("/a")["b"]
  end

  def test_an_unknown_charset_is_read_as_utf8
    %w[UTF-7 windows-1258 nonsense emacs-mule binary internal \xff].each do |charset|
      type = { "Content-Type" => "text/plain; charset=#{charset}" }
      response = client_of(serve { Server.response("Zo\xC3\xAB\xFF".b, headers: type) }).get_binary("/")
      assert_predicate response.text, :valid_encoding?, charset
      assert_equal Encoding::UTF_8, response.text.encoding
      assert_equal "Zoë\uFFFD", response.text, charset unless charset == "binary"
    end
  end

  def test_too_deep_nesting_raises_an_error
    deep = response("#{'[' * 100_000}#{']' * 100_000}")
    assert_predicate deep, :ok?
    assert_raises(JSON::NestingError) { deep.data }
    assert_equal 200_000, deep.json.bytesize
    assert_equal :array, deep.type_at("/0/0/0")
  end

  def test_header_names_are_case_insensitive
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

  def test_the_reason_phrase_is_the_servers
    reasons = ["OK", "Sch\u00f6n, danke", ""]
    found = reasons.map { |reason| client_of(serve { Server.response(status: "200 #{reason}") }).get("/").reason }
    assert_equal reasons, found
    assert_equal [Encoding::UTF_8], found.map(&:encoding).uniq
    assert_empty SAC::Client.new("http://127.0.0.1:1").get("/").reason
    assert_empty SAC::Client.new("http://127.0.0.1:1").get("no slash").reason
  end

  def test_the_journal_describes_each_attempt
    answers = [Server.response(status: "503 Service Unavailable"), Server.response]
    retried = client_of(serve { answers.shift }).get("/", retries: 1, backoff: 0.001..0.002)
    assert_equal [503, 200], retried.journal.map { |attempt| attempt[:status] }
    assert_equal 2, retried.attempts
    assert_operator retried.elapsed, :>, 0
  end

  def test_a_response_supports_pattern_matching
    case response(DATA, symbolize_names: true)
    in { code: :ok, status: 200, data: { name: }, error: nil, headers: { content_type: }, body: String, reason: "OK" }
      assert_equal ["Zoë", "application/json"], [name, content_type]
    end
    assert_equal({ code: :ok }, response.deconstruct_keys(%i[code nonsense]))
    assert_equal %i[code status reason error headers data body verb url], response.deconstruct_keys(nil).keys
    assert_equal({ content_type: "application/json" }, response.headers.deconstruct_keys(nil).slice(:content_type))
  end

  def test_a_response_reads_like_its_data
    assert_same response.data, response.to_h
    assert_same response.data, response.as_json
    assert_equal({ "n" => 1 }, response.to_h { |_, _| ["n", 1] })
    assert_equal [true, false, false], [response.key?("none"), response.key?("other"), response("[1]").key?(0)]
    found = [response.fetch("name"), response.fetch("x", 1), response.fetch("x", &:upcase), response("[7]").fetch(0)]
    assert_equal ["Zoë", 1, "X", 7], found
    assert_raises(KeyError) { response.fetch("x") }
    assert_raises(KeyError) { response('"text"').fetch("x") }
    assert_raises(TypeError) { response("[1]").to_h }
    assert_equal DATA.keys, response.map(&:first)
    assert_equal [3, [[1, 2]]], [response("[1, 2]").sum, response("[1, 2]").each_slice(2).to_a]
    assert_equal ["text"], response('"text"').each.to_a
  end

  def test_a_response_is_generated_as_its_json
    assert_equal({ "of" => DATA }, JSON.parse(JSON.generate(of: response)))
    server = serve
    client_of(server).post("/", json: { of: response, headers: response.headers.to_h })
    assert_equal DATA, server.requests.last.json["of"]
  end

  def test_success_means_a_2xx_without_an_error
    statuses = { "200 OK" => true, "204 No Content" => true, "304 Not Modified" => false, "404 Not Found" => false }
    assert_equal(statuses.values, statuses.keys.map { |status| response("", status: status).success? })
    refute_predicate response("<html>"), :success?
  end

  def test_a_response_knows_its_request
    server = serve { Server.response(status: "201 Made Up") }
    client = SAC::Client.new("#{server.url.sub('//', '//ada:s3cret@')}/v1/")
    made = client.post("/items?key=s3cret", query: { key: "s3cret" })
    assert_equal ["POST", "#{server.url}/v1/items", "Made Up"], [made.verb, made.url, made.reason]
    assert_equal "#{server.url}/v1/a/b%20c", client.get(["a", "b c"]).url
    refused = client.get("no-slash")
    assert_equal ["GET", "#{server.url}/v1no-slash", ""], [refused.verb, refused.url, refused.reason]
  end

  def test_text_is_utf8_whatever_the_charset
    { "text/plain; charset=ISO-8859-1" => "Zo\xEB", 'text/plain; Charset="utf-8"' => "Zoë", "text/plain" => "Zoë",
      "text/plain; charset=utf-16le" => "Zoë".encode("UTF-16LE"), "text/plain; charset=nonsense" => "Zoë" }.each do |type, body|
      response = client_of(serve { Server.response(body.b, headers: { "Content-Type" => type }) }).get_binary("/")
      assert_equal "Zoë", response.text, type
      assert_equal body.b, response.body
      assert_equal "text/plain", response.content_type
    end
    assert_equal "\uFFFD", client_of(serve { Server.response("\xFF".b) }).get_binary("/").text
    assert_equal "text/html", response("{}", headers: { "Content-Type" => "TEXT/html;charset=latin1" }).content_type
    assert_nil SAC::Response.build(code: :timeout).content_type
  end

  def test_the_caller_may_change_a_body
    assert_equal Encoding::UTF_8, response.body.force_encoding("UTF-8").encoding
  end
end
