# frozen_string_literal: true

require "uri"
require_relative "helper"

class ClientTest < SACTest
  def setup
    @server = serve { |request| Server.response({ path: request.path, headers: request.headers }) }
    @client = client_of(@server)
  end

  def sent
    @server.requests.last
  end

  def test_a_get_returns_a_response_with_data
    on_both_paths do
      response = @client.get("/v1/users/42")
      assert_predicate response, :ok?
      assert_equal 200, response.status
      assert_equal "/v1/users/42", response["path"]
      assert_equal "application/json", sent.headers["accept"]
    end
  end

  def test_every_http_method_has_a_ruby_method_and_one_that_raises
    %w[get head post put patch delete].each do |method|
      assert_predicate @client.public_send(method, "/"), :ok?
      assert_equal method.upcase, sent.verb
      assert_predicate @client.public_send(:"#{method}!", "/"), :ok?
    end
    assert_predicate @client.request("PROPFIND", "/"), :ok?
    assert_equal "PROPFIND", sent.verb
    assert_predicate @client.request!("PROPFIND", "/"), :ok?
  end

  def test_a_query_accepts_lists_and_omits_only_nil
    @client.get("/search", query: { q: "ä & b", tag: %w[x y], page: 2, none: nil, empty: "" })
    assert_equal "/search?q=%C3%A4%20%26%20b&tag=x&tag=y&page=2&empty=", sent.path
    @client.get("/search", query: [%w[a 1], %w[a 2]])
    assert_equal "/search?a=1&a=2", sent.path
  end

  def test_a_query_string_is_appended_to_that_of_the_path
    { "/s" => "/s?a=b%20c&d", "/s?x=1" => "/s?x=1&a=b%20c&d" }.each do |path, asked|
      @client.get(path, query: "a=b%20c&d")
      assert_equal asked, sent.path
    end
    @client.get("/s", query: "?a=b")
    assert_equal "/s?a=b", sent.path
    @client.get("/s", query: "")
    assert_equal "/s", sent.path
    assert_equal :invalid_path, @client.get("/s", query: "a=b#c").code
  end

  def test_nil_means_that_an_option_is_not_set
    options = %i[query headers form body body_file json_text multipart output_file progress idempotency_key cancel]
    assert_predicate @client.post("/", **options.to_h { |option| [option, nil] }), :ok?
    assert_equal "", sent.body
    assert_predicate @client.get_binary("/", headers: nil), :ok?
  end

  def test_an_error_for_an_option_without_names_and_values_names_the_option
    %i[query form headers multipart].product([:a, 1, true, ["a"], [["a"]], [%w[a b c]], { nil => 1 }]) do |option, value|
      error = assert_raises(ArgumentError, "#{option}: #{value}") { @client.post("/", option => value) }
      assert_match(/\A#{option} /, error.message)
    end
    %i[form headers multipart].each { |option| assert_raises(ArgumentError) { @client.post("/", option => "a=b") } }
  end

  def test_several_values_of_a_header_field_are_joined
    @client.get("/", headers: { accept_language: %w[de en], "X-None" => nil, "X-Empty" => [] })
    assert_equal "de, en", sent.headers["accept-language"]
    refute_includes sent.headers.keys, "x-none"
    refute_includes sent.headers.keys, "x-empty"
  end

  def test_the_content_of_a_reader_is_sent
    @client.post("/", body: StringIO.new("one\0"))
    assert_equal "one\0", sent.body
    @client.post("/", body: [StringIO.new("a,b"), "text/csv"])
    assert_equal ["a,b", "text/csv"], [sent.body, sent.headers["content-type"]]
    @client.post("/", multipart: { note: StringIO.new("from a StringIO") })
    assert_match(/from a StringIO/, sent.body)
  end

  def test_a_body_that_is_not_bytes_raises_an_argument_error
    [{ a: 1 }, [], [1, 2, 3], 5, Object.new].each do |body|
      assert_raises(ArgumentError, body.inspect) { @client.post("/", body: body) }
    end
    error = assert_raises(ArgumentError) { @client.post("/", body: [{ a: 1 }, "text/plain"]) }
    assert_match(/not Hash/, error.message)
  end

  def test_a_hash_in_a_query_raises_an_argument_error
    error = assert_raises(ArgumentError) { @client.get("/", query: { filter: { name: "x" } }) }
    assert_match(/filter/, error.message)
  end

  def test_json_of_ruby_values_is_sent
    @client.post("/", json: { name: "Kettle", big: 2**80, list: [nil, true] })
    assert_equal "application/json", sent.headers["content-type"]
    assert_equal({ "name" => "Kettle", "big" => 2**80, "list" => [nil, true] }, sent.json)
  end

  def test_a_json_text_is_sent_unchanged
    @client.put("/", json_text: '{ "a" : 1.10 }')
    assert_equal '{ "a" : 1.10 }', sent.body
  end

  def test_a_form_is_encoded
    @client.post("/", form: { user: "ada", note: "a&b" })
    assert_equal "application/x-www-form-urlencoded", sent.headers["content-type"]
    assert_equal({ "user" => "ada", "note" => "a&b" }, URI.decode_www_form(sent.body).to_h)
  end

  def test_bytes_are_sent_unchanged
    bytes = (0..255).to_a.pack("C*")
    @client.post("/", body: [bytes, "image/png"])
    assert_equal "image/png", sent.headers["content-type"]
    assert_equal bytes, sent.body.b
    @client.post("/", body: bytes)
    assert_equal "application/octet-stream", sent.headers["content-type"]
  end

  def test_text_of_another_encoding_is_sent_as_utf8
    @client.add_header("X-Name", "Zo\xEB".dup.force_encoding("ISO-8859-1"))
    assert_equal "Zoë", @client.get("/").dig("headers", "x-name")
  end

  def test_a_header_of_a_request_replaces_the_clients
    @client.configure(headers: { x_team: "one", "X-Other" => "two" })
    @client.get("/", headers: { "X-TEAM" => "three" })
    assert_equal %w[three two], sent.headers.values_at("x-team", "x-other")
    @client.remove_header("x-other").get("/")
    assert_equal ["one", nil], sent.headers.values_at("x-team", "x-other")
  end

  def test_credentials_and_cookies_are_sent_until_they_are_removed
    @client.configure(bearer: "token", cookies: { session: "abc" }).get("/")
    assert_equal "Bearer token", sent.headers["authorization"]
    assert_equal "session=abc", sent.headers["cookie"]
    @client.add_basic("ada", "secret").remove_cookie("session").get("/")
    assert_equal "Basic #{['ada:secret'].pack('m0')}", sent.headers["authorization"]
    assert_nil sent.headers["cookie"]
    @client.reset.get("/")
    assert_nil sent.headers["authorization"]
  end

  def test_a_signed_cookie_verifies
    @client.add_signed_cookie("session", { user: "ada" }, key_id: "k1", key: "s3cret", digest: :sha256)
    @client.get("/")
    value = sent.headers["cookie"].delete_prefix("session=")
    payload = SAC::SignedCookie.verify(value, keys: { "k1" => "s3cret" }, max_age: 60, digest: :sha256)
    assert_equal({ "user" => "ada", "key_id" => "k1" }, payload)
    assert_raises(SAC::InvalidCookie) { SAC::SignedCookie.verify(value, keys: { "k1" => "other" }, digest: :sha256) }
    assert_raises(SAC::InvalidCookie) { SAC::SignedCookie.verify(value, keys: {}, digest: :sha256) }
  end

  def test_sign_and_verify_work_together
    cookie = SAC::SignedCookie.sign({ "a" => 1 }, key_id: "k", key: "x")
    assert_equal({ "a" => 1, "key_id" => "k" }, SAC::SignedCookie.verify(cookie, keys: { "k" => "x" }))
    assert_raises(ArgumentError) { SAC::SignedCookie.verify(cookie, keys: {}, max_age: 0) }
  end

  def test_a_binary_get_asks_for_bytes
    response = @client.get_binary("/", headers: { "X-A" => "b" })
    assert_equal %w[application/octet-stream b], sent.headers.values_at("accept", "x-a")
    assert_equal Encoding::BINARY, response.body.encoding
    assert_predicate @client.get_binary!("/"), :ok?
  end

  def test_an_idempotency_key_is_sent
    @client.post("/", json: {}, idempotency_key: "k-1")
    assert_equal "k-1", sent.headers["idempotency-key"]
  end

  def test_a_scope_shares_only_connections
    @client.add_header("X-Shared", "yes")
    @client.get("/")
    outcome = @client.scope(bearer: "of-ada", headers: { "X-Own" => "1" }) do |scope|
      scope.get("/")
      assert_equal ["Bearer of-ada", "1", "yes"], sent.headers.values_at("authorization", "x-own", "x-shared")
      assert_equal 1, sent.connection
      scope
    end
    assert_predicate outcome, :closed?
    @client.get("/")
    assert_equal [nil, nil, "yes"], sent.headers.values_at("authorization", "x-own", "x-shared")
  end

  def test_a_subclass_keeps_its_class_in_a_scope
    service = Class.new(SAC::Client) do
      def initialize(url, token)
        super(url, bearer: token, user_agent: "my-service/1.0")
      end

      def user(id)
        get!("/v1/users/#{id}").data
      end
    end
    scope = service.new(@server.url, "t").scope
    assert_instance_of service, scope
    assert_equal "/v1/users/7", scope.user(7)["path"]
    assert_equal "my-service/1.0", sent.headers["user-agent"]
  end

  def test_path_of_accepts_only_urls_of_the_clients_origin
    client = SAC::Client.new("#{@server.url}/base")
    assert_equal "/items?page=2", client.path_of("#{@server.url}/base/items?page=2")
    assert_raises(SAC::InvalidURL) { client.path_of("https://elsewhere.example/items") }
  end

  def test_idle_connections_can_be_closed
    2.times { @client.get("/") && @client.close_idle }
    assert_equal 2, @client.stats[:connections_opened]
  end

  def test_stats_return_the_counters
    2.times { @client.get("/") }
    assert_equal({ requests: 2, connections_opened: 1 }, @client.stats.slice(:requests, :connections_opened))
  end

  def test_a_closed_client_raises_an_error
    2.times { @client.close }
    assert_predicate @client, :closed?
    assert_raises(SAC::ClientClosed) { @client.get("/") }
    assert_raises(SAC::ClientClosed) { @client.add_header("X", "y") }
    assert_raises(SAC::ClientClosed) { @client.scope }
  end

  def test_a_call_continues_after_its_client_is_closed
    released = Thread::Queue.new
    server = serve { released.pop && Server.response }
    client = client_of(server)
    call = Thread.new { client.get("/") }
    server.wait_for_request
    client.close
    assert_empty server.closings
    released << true
    assert_predicate call.value, :ok?
    server.wait_for_close
  end

  def test_connections_close_with_the_last_scope_without_garbage_collection
    GC.disable
    client = client_of(@server)
    scope = client.scope
    client.get("/")
    client.close
    assert_predicate scope.get("/"), :ok?
    assert_equal 1, sent.connection
    scope.close
    @server.wait_for_close
  ensure
    GC.enable
  end

  def test_inspect_shows_no_secret
    client = SAC::Client.new("https://ada:s3cret@api.example.com/v1", bearer: "t0ken")
    assert_equal "#<SAC::Client https://api.example.com/v1>", client.inspect
    assert_equal "#<SAC::Response ok 200>", @client.get("/?token=t0ken").inspect
  end
end
