# frozen_string_literal: true

require "sac/faraday"
require "tempfile"
require "zlib"
require_relative "helper"
require_relative "support/secure_server"

# Compares the adapter with Faraday's own, net_http: the same requests to the same server.
class FaradayPeerTest < SACTest
  LARGE = 1_000_000
  VERBS = %i[get head options delete trace post put patch].freeze
  # Fields that each adapter sets in its own way, or that are about the connection.
  ADAPTER_FIELDS = %w[accept-encoding connection host content-length].freeze
  # Faraday 1 leaves the bytes without an encoding, and does not pass the response to `on_data`.
  FARADAY2 = Faraday::VERSION.to_i >= 2

  RESPONSES = {
    "/empty" => Server.response("", headers: { "X-Two" => "1\r\nX-Two: 2" }),
    "/page" => Server.response("gr\xFC\xDF", headers: { "Content-Type" => "text/html; charset=ISO-8859-1" }),
    "/bytes" => Server.response("\xFF\xFE", headers: { "Content-Type" => "text/html; charset=no-such" }),
    "/elsewhere" => Server.response("there", status: "302 Found", headers: { "Location" => "/" }),
    "/missing" => Server.response({ message: "gone" }, status: "404 Nothing Here"),
    "/failing" => Server.response("<p>", status: "503 Service Unavailable", headers: { "Retry-After" => "9" }),
    "/none" => "HTTP/1.1 204 No Content\r\n\r\n",
    "/large" => Server.response("x" * LARGE),
    "/never" => nil
  }.freeze

  def setup
    @server = serve { |request| respond(request) }
    @url = @server.url
    @options = {}
  end

  # The server is also the proxy.
  def respond(request)
    RESPONSES.fetch(request.path.sub(%r{\Ahttp://[^/]*}, "")[/\A[^?]*/]) do
      Server.response(request.verb == "HEAD" ? "" : '{"a":1}', headers: { "Set-Cookie" => "a=1" })
    end
  end

  def connection(adapter, **options)
    Faraday.new(@url, request: { timeout: TIMEOUT }, **@options, **options) do |faraday|
      faraday.request :url_encoded
      faraday.adapter adapter
    end
  end

  # The result of a request with an adapter: what the server received, and what the caller received.
  def outcome(adapter, **options)
    before = @server.requests.size
    response = yield connection(adapter, **options)
    requests = @server.requests.drop(before)
    fields = requests.map { |request| [request.verb, request.path, request.body, fields_of(request)] }
    headers = response.headers.reject { |name, _| ADAPTER_FIELDS.include?(name.downcase) }
    [fields, response.status, response.reason_phrase, headers, response.body.b, response.success?]
  rescue Faraday::Error => e
    e.class
  end

  # Without the type that Ruby before 3.5 sends for empty bodies.
  def fields_of(request)
    untyped = request.body.empty? && request.headers["content-type"].to_s.end_with?("urlencoded")
    request.headers.except(*ADAPTER_FIELDS, *("content-type" if untyped))
  end

  # Asserts that both adapters have the same result, and that it is not a failure.
  def assert_same(title, **options, &block)
    theirs, ours = %i[net_http sac].map { |adapter| outcome(adapter, **options, &block) }
    assert_equal theirs, ours, title
    assert_instance_of Array, ours, title
    ours
  end

  def test_every_method_has_the_same_request_and_response
    VERBS.each do |verb|
      assert_same(verb) { |faraday| faraday.run_request(verb, "/path?a=b%20c&a=%C3%BC", nil, "X-Own" => " 1 ") }
      assert_same(verb) { |faraday| faraday.run_request(verb, "/empty", nil, {}) }
    end
  end

  def test_the_type_of_an_absent_body_is_the_same
    VERBS.each do |verb|
      fields, = assert_same(verb) { |faraday| faraday.run_request(verb, "/", nil, "Content-Type" => "application/json") }
      assert_equal "application/json", fields.first.last["content-type"]
    end
  end

  def test_bodies_are_sent_in_the_same_way
    (VERBS - %i[head trace]).each do |verb|
      assert_same(verb) { |faraday| faraday.run_request(verb, "/", "b\xFCtes".b, "Content-Type" => "image/png") }
    end
    assert_same("form") { |faraday| faraday.post("/", { a: "b c", n: { x: 1 } }) }
    assert_same("empty") { |faraday| faraday.put("/", "") }
    assert_same("json") { |faraday| faraday.patch("/", '{"a":1}', "Content-Type" => "application/json") }
    assert_same("reader") do |faraday|
      faraday.post("/", StringIO.new("bytes"), "Content-Type" => "text/csv", "Content-Length" => "5")
    end
    assert_same("file") do |faraday|
      File.open(__FILE__) { |file| faraday.put("/", file, "Content-Type" => "text/plain", "Content-Length" => file.size.to_s) }
    end
  end

  def test_header_fields_are_sent_in_the_same_way
    assert_same("accept") { |faraday| faraday.get("/") }
    assert_same("accept of the caller's") { |faraday| faraday.get("/", nil, "Accept" => "text/csv") }
    assert_same("user agent") { |faraday| faraday.get("/", nil, user_agent: "shop/1") }
    assert_same("authorization", headers: { "Authorization" => "Bearer x\n" }) { |faraday| faraday.get("/") }
    assert_same("nil") { |faraday| faraday.get("/", nil, "X-None" => nil, "X-Empty" => "") }
  end

  def test_responses_are_the_same
    %w[/page /bytes /elsewhere /missing /failing /none /large].each do |path|
      assert_same(path) { |faraday| faraday.get(path) }
    end
  end

  def test_bodies_have_the_charset_of_the_response
    { "/page" => Encoding::ISO_8859_1, "/bytes" => Encoding::BINARY }.each do |path, encoding|
      assert_equal encoding, connection(:sac).get(path).body.encoding, path
      assert_equal encoding, connection(:net_http).get(path).body.encoding, path if FARADAY2
    end
    assert_equal "grüß", connection(:sac).get("/page").body.encode("UTF-8")
  end

  # The differences in the documentation of the adapter.
  def test_the_documented_differences_of_responses
    compressed = Server.response(Zlib.gzip("hello"), headers: { "Content-Encoding" => "gzip" })
    latin = Server.response("", headers: { "X-Name" => "caf\xE9".b })
    server = serve { |request| { "/compressed" => compressed, "/latin" => latin }[request.path] }
    theirs, ours = %i[net_http sac].map { |adapter| Faraday.new(server.url) { |faraday| faraday.adapter adapter } }
    both = [theirs, ours].map { |faraday| faraday.get("/compressed", nil, "Accept-Encoding" => "gzip") }
    assert_equal(["gzip", nil], both.map { |response| response.headers["content-encoding"] })
    assert_equal "hello", both.last.body
    assert_equal "café", ours.get("/latin").headers["x-name"]
    assert_equal Encoding::BINARY, ours.get("/latin").body.encoding
  end

  def test_the_codings_of_net_http_are_accepted
    accepted = %i[net_http sac].map do |adapter|
      connection(adapter).get("/")
      @server.requests.last.headers["accept-encoding"].scan(/[a-z]+(?=[;,]|\z)/)
    end
    assert_empty accepted.first - ["identity"] - accepted.last
  end

  def test_a_truncated_body_is_a_failure
    listener = TCPServer.new("127.0.0.1", 0)
    thread = Thread.new do
      socket = listener.accept
      nil until socket.gets == "\r\n"
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc")
      socket.close
    end
    faraday = Faraday.new("http://127.0.0.1:#{listener.local_address.ip_port}") { |builder| builder.adapter :sac }
    assert_match(/3 of 10/, assert_raises(Faraday::ConnectionFailed) { faraday.get("/") }.message)
    thread.join
  ensure
    listener.close
  end

  # The bytes that `on_data` got, the final size, and the response in the env of each piece.
  def streamed(adapter, path, headers = {})
    pieces = []
    response = connection(adapter).get(path, nil, headers) do |request|
      request.options.on_data = proc do |piece, size, env|
        pieces << [piece, size, env && [env.status, *env.response_headers.values_at("content-type", "location")]]
      end
    end
    assert_equal pieces.map(&:first).reduce(0) { |sum, piece| sum + piece.bytesize }, pieces.last[1]
    [pieces.map(&:first).join.b, [pieces.last[1], *pieces.map(&:last).uniq], pieces.count { |piece, _| piece.empty? },
     response.status, response.body, response.headers["content-type"]]
  end

  def test_bodies_are_streamed_in_the_same_way
    %w[/ /large /empty /none /missing /failing /elsewhere].each do |path|
      theirs, ours = %i[net_http sac].map { |adapter| streamed(adapter, path) }
      assert_equal theirs, ours, path
      assert_equal FARADAY2, !ours[1].last.nil?
    end
    assert_equal streamed(:net_http, "/", "Range" => "bytes=0-"), streamed(:sac, "/", "Range" => "bytes=0-")
  end

  def test_a_large_body_is_streamed_in_pieces
    pieces = 0
    connection(:sac).get("/large") { |request| request.options.on_data = proc { pieces += 1 } }
    assert_operator pieces, :>, 1
  end

  def test_failures_are_the_same
    faults = { refused: ->(faraday) { faraday.get("http://127.0.0.1:1/") },
               silent: ->(faraday) { faraday.get("/never") { |request| request.options.read_timeout = 0.05 } },
               unresolved: ->(faraday) { faraday.get("http://no-such-host.invalid/") } }
    faults.each do |name, fault|
      assert_equal outcome(:net_http, &fault), outcome(:sac, &fault), name
    end
  end

  def test_refusals_are_the_same
    %i[net_http sac].each do |adapter|
      assert_raises(ArgumentError, adapter) { connection(adapter).get("/", nil, "X-Own" => "a\r\nb") }
    end
  end

  def test_the_connection_field_closes_or_keeps_the_connection
    faraday = connection(:sac)
    ["keep-alive", "Keep-Alive", nil, "close", nil].each { |value| faraday.get("/", nil, { "Connection" => value }.compact) }
    connections = @server.requests.map(&:connection)
    assert_equal 1, connections.first(3).uniq.size
    refute_equal connections[2], connections[3]
    refute_equal connections[3], connections[4]
    assert_equal "close", @server.requests[3].headers["connection"]
    assert_equal 200, faraday.get("/", nil, "Keep-Alive" => "timeout=30").status
  end
end

# The same over https.
class FaradaySecurePeerTest < FaradayPeerTest
  include SecureServer

  def setup
    super
    @server = serve_securely { |request| respond(request) }
    @url = @server.url
    @ca_file = Tempfile.create("ca")
    @ca_file << certificate.to_pem
    @ca_file.close
    @options = { ssl: { ca_file: @ca_file.path } }
  end

  def teardown
    super
    File.unlink(@ca_file.path)
  end
end

# The same through a proxy.
class FaradayProxiedPeerTest < FaradayPeerTest
  def setup
    super
    @url = "http://api.example.com"
    @options = { proxy: @server.url.sub("//", "//ada:s3cret@") }
  end
end
