# frozen_string_literal: true

require_relative "helper"

class ErrorTest < SACTest
  def answer_of(status, body = "{}")
    client_of(serve { Server.response(body, status: status) })
  end

  def test_an_error_status_is_returned_or_raised_by_a_bang_method
    client = answer_of("404 Not Found", { error: "no such user" })
    response = client.get("/")
    assert_equal [false, 404, :status, "no such user"], [response.ok?, response.status, response.code, response.error]
    error = assert_raises(SAC::StatusError) { client.get!("/") }
    assert_equal [404, :status], [error.status, error.code]
    assert_equal "no such user", error.response["error"]
  end

  def test_the_error_for_a_status_has_method_url_and_status_without_secrets
    server = serve { Server.response(status: "422 Unprocessable Entity") }
    client = SAC::Client.new("#{server.url.sub('//', '//ada:s3cret@')}/base", bearer: "s3cret")
    error = assert_raises(SAC::UnprocessableContent) { client.post!("/items?key=s3cret", query: { more: "s3cret" }) }
    assert_equal "POST #{server.url}/base/items answered 422: Unprocessable Entity", error.message
    limited = assert_raises(SAC::RateLimited) { answer_of("429 Too Many Requests").delete!("/x") }
    assert_match(%r{\ADELETE http://127.0.0.1:\d+/x answered 429: Too Many Requests\z}, limited.message)
  end

  def test_each_status_raises_its_own_class
    { 400 => SAC::BadRequest, 401 => SAC::Unauthorized, 403 => SAC::Forbidden, 404 => SAC::NotFound, 409 => SAC::Conflict,
      422 => SAC::UnprocessableContent, 418 => SAC::ClientError, 500 => SAC::InternalServerError,
      503 => SAC::ServiceUnavailable, 599 => SAC::ServerError }.each do |status, type|
      error = assert_raises(SAC::StatusError) { answer_of("#{status} Whatever").get!("/") }
      assert_instance_of type, error, status
      assert_kind_of status < 500 ? SAC::ClientError : SAC::ServerError, error
    end
    assert_equal [SAC::ClientError, SAC::ServerError], SAC::STATUS_ERRORS.values.map(&:superclass).uniq
  end

  def test_each_code_raises_its_own_class
    assert_raises(SAC::RateLimited) { answer_of("429 Too Many Requests").get!("/") }
    assert_raises(SAC::NotJSON) { answer_of("200 OK", "<html></html>").get!("/") }
    assert_raises(SAC::TooLarge) { answer_of("200 OK", "[1, 2, 3]").get!("/", max_body_bytes: 2) }
    assert_raises(SAC::Timeout) { client_of(serve_silence).get!("/", timeout: 0.05) }
    assert_raises(SAC::ConnectError) { SAC::Client.new("http://127.0.0.1:1").get!("/") }
    assert_raises(SAC::ProtocolError) { client_of(serve { "nonsense\r\n\r\n" }).get!("/") }
    assert_raises(SAC::Cancelled) { answer_of("200 OK").get!("/", cancel: SAC::Cancel.new.trigger) }
  end

  def test_the_error_classes_have_one_hierarchy
    assert_operator SAC::Timeout, :<, SAC::NetworkError
    assert_operator SAC::RateLimited, :<, SAC::AnswerError
    assert_operator SAC::InvalidPath, :<, SAC::InputError
    assert_operator SAC::Cancelled, :<, SAC::ControlError
    assert(SAC::ERRORS.values.all? { |error| error < SAC::Error && error < StandardError })
    assert_equal SAC::CODES.values - [:ok], SAC::ERRORS.keys
  end

  def test_an_invalid_request_gets_a_response
    client = SAC::Client.new("http://127.0.0.1:1")
    refused = [client.get("no-slash"), client.request("NO METHOD", "/"), client.get(nil),
               client.get("/", headers: { "X-Key" => "s3cret\n" }), client.post("/", json_text: "{"),
               client.post("/", json: {}, form: { a: 1 }), client.get("/\xFF")]
    assert_equal %i[invalid_path invalid_method null_argument invalid_header invalid_json invalid_argument invalid_utf8],
                 refused.map(&:code)
    refused.each { |response| assert_is_refusal(response) }
    refute_match(/s3cret/, refused[3].error)
    assert_raises(SAC::InvalidPath) { client.get!("no-slash") }
  end

  def test_a_process_without_free_descriptors_gets_a_response
    process = ruby(<<~RUBY)
      Process.setrlimit(:NOFILE, 3)
      puts SAC::Client.new("http://127.0.0.1:1").get("/").code
    RUBY
    assert_equal "internal\n", process.read
    process.close
  end

  def test_a_nul_gets_a_response_as_other_invalid_texts
    client = SAC::Client.new("http://127.0.0.1:1")
    refused = { invalid_path: client.get("/a\0b"), invalid_method: client.request("GE\0T", "/"),
                invalid_header: client.get("/", headers: { "X" => "a\0b" }), invalid_json: client.post("/", json_text: "[\0]"),
                invalid_argument: client.get("/", query: { a: "\0" }), file: client.put("/", body_file: "a\0"),
                invalid_url: client.get("http://127.0.0.1:1/\0"), invalid_cookie: client.get("/", cookies: { a: "\0" }) }
    assert_equal(refused.keys, refused.values.map(&:code))
    refused.each_value { |response| assert_is_refusal(response) }
    assert_raises(SAC::InvalidHeader) { client.add_header("X", "a\0b") }
    assert_raises(SAC::InvalidURL) { SAC::Client.new("http://127.0.0.1:1/\0") }
    assert_raises(SAC::InvalidURL) { client.proxy = "http://\0" }
  end

  def test_an_error_is_one_line_and_shows_no_fragment
    client = SAC::Client.new("http://127.0.0.1:1")
    forged = "\r\nFORGED: line\e[2J\u2028\u202E\u0085"
    refused = [client.get("/v1/a#{forged}"), client.get("v1#{forged}"), client.request("GET#{forged}", "/"),
               client.get("/", headers: { "X#{forged}" => "1" }), client.get("/", cookies: { "a#{forged}" => "1" }),
               client.get(["a", "..", forged]), client.get("http://127.0.0.1:1/#{forged}"),
               SAC::Response.build(code: :timeout, error: "late#{forged}")]
    refused.each do |response|
      texts = [response.error, response.exception.message, response["error"], response.url, response.verb]
      texts.each { |text| refute_match(/[[:cntrl:]\u2028\u202E]/, text) }
      assert_predicate response.error, :valid_encoding?
    end
    assert_includes refused.first.error, "/v1/a\\r\\nFORGED: line\\e[2J\\u2028\\u202E"
    error = assert_raises(SAC::InvalidHeader) { client.add_header("X#{forged}", "1") }
    refute_match(/[[:cntrl:]]/, error.message)
    assert_equal "a\u200Db", SAC::Error.for(:timeout, "a\u200Db").message
    refute_match(/s3cret/, client.get("/a b#s3cret").error)
    refute_match(/s3cret/, client.get("no-slash#s3cret").error)
  end

  def test_text_that_is_not_utf8_gets_a_response_in_every_option
    client = SAC::Client.new("http://127.0.0.1:1")
    odd = "\xFF".dup.force_encoding("Shift_JIS")
    latin = "\xE9".b
    refused = [client.post("/", json: { a: "\xff" }), client.post("/", json: { "\xff" => 1 }), client.post("/", json: latin),
               client.get("/", query: { a: odd }), client.get("/", headers: { "X" => ["ä", latin] }),
               client.get("/ä", query: latin), client.get("/", bearer: odd), client.get(odd),
               client.get("/", basic: ["ä", latin])]
    assert_equal [:invalid_utf8], refused.map(&:code).uniq
    refused.each { |response| assert_is_refusal(response) }
    codes = [Float::NAN, Float::INFINITY].map { |number| client.post("/", json: [number]).code }
    assert_equal %i[invalid_json invalid_json], codes
    assert_equal :invalid_argument, client.get("/", basic: %w[a:b c]).code
  end

  def test_the_error_for_a_missing_library_names_it
    output = IO.popen({ "SAC_LIBRARY" => "/nowhere/libsac.so.0" }, [RbConfig.ruby, "-I#{ROOT}/lib", "-rsac", "-e", "1"],
                      err: %i[child out], &:read)
    ["/nowhere/libsac.so.0", "SAC_LIBRARY", "libsac0", "LoadError"].each { |word| assert_includes output, word }
  end

  def assert_is_refusal(response)
    refute_predicate response, :ok?
    assert_equal [0, 0, "", :none, [], 0.0],
                 [response.status, response.attempts, response.body, response.json_state, response.journal, response.elapsed]
    assert_equal response.error, response["error"]
    assert_equal [response.error, { "error" => response.error }, nil],
                 [response.at("/error"), response.at(""), response.at("/x")]
    assert_equal [1, 0, :string, :missing],
                 [response.size_at(""), response.size_at("/x"), response.type_at("/error"), response.type_at("/x")]
    assert_equal [[], nil, nil], [response.headers.to_a, response.header("x"), response.link("next")]
    assert_kind_of SAC::InputError, response.exception
  end

  def test_a_code_of_a_later_library_has_a_name
    assert_equal :unknown, SAC::Native.code(4711)
    assert_instance_of SAC::Error, SAC::Error.for(:unknown, "something new")
  end
end
