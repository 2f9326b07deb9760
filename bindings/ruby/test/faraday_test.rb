# frozen_string_literal: true

require "sac/faraday"
require_relative "helper"
require_relative "support/secure_server"

class FaradayTest < SACTest
  include SecureServer

  LARGE = 1_000_000

  def setup
    @server = serve { |request| answer(request) }
  end

  def answer(request)
    case request.path
    when "/missing" then Server.answer({ message: "gone" }, status: "404 Not Found")
    when "/page" then Server.answer("<html></html>", headers: { "Content-Type" => "text/html" })
    when "/elsewhere" then Server.answer(status: "302 Found", headers: { "Location" => "/" })
    when "/never" then nil
    when "/large" then Server.answer("x" * LARGE)
    else Server.answer({ body: request.body }, headers: { "X-Two" => "1\r\nX-Two: 2" })
    end
  end

  def connection(url = @server.url, **options, &block)
    Faraday.new(url, request: { timeout: PATIENCE }) do |faraday|
      faraday.request :url_encoded
      yield faraday if block
      faraday.adapter :sac, options
    end
  end

  def sent
    @server.requests.last
  end

  def test_a_request_goes_out_and_its_answer_comes_back
    response = connection.get("/v1/users", { "a" => "b c" }, { "X-Own" => "1" })
    assert_equal 200, response.status
    assert_predicate response, :success?
    assert_equal "/v1/users?a=b+c", sent.path
    assert_equal "1", sent.headers["x-own"]
    assert_equal "application/json", response.headers["Content-Type"]
    assert_equal "1, 2", response.headers["x-two"]
  end

  def test_bodies_are_sent_with_their_type
    connection.post("/", { a: 1 })
    assert_equal ["a=1", "application/x-www-form-urlencoded"], [sent.body, sent.headers["content-type"]]
    connection.put("/", StringIO.new("bytes"), "Content-Type" => "image/png")
    assert_equal ["bytes", "image/png"], [sent.body, sent.headers["content-type"]]
    connection.delete("/")
    assert_equal ["DELETE", ""], [sent.verb, sent.body]
    connection.post("/")
    assert_equal ["POST", ""], [sent.verb, sent.body]
  end

  def test_statuses_are_left_to_faraday
    assert_equal [404, "Not Found"], [connection.get("/missing").status, connection.get("/missing").reason_phrase]
    assert_equal({ "message" => "gone" }, JSON.parse(connection.get("/missing").body))
    assert_equal 302, connection.get("/elsewhere").status
    assert_equal "<html></html>", connection.get("/page").body
    assert_raises(Faraday::ResourceNotFound) { connection { |faraday| faraday.response :raise_error }.get("/missing") }
  end

  def test_what_fails_is_raised_as_faraday_names_it
    assert_raises(Faraday::ConnectionFailed) { connection("http://127.0.0.1:1").get("/") }
    error = assert_raises(Faraday::TimeoutError) { connection.get("/never") { |request| request.options.timeout = 0.05 } }
    assert_instance_of SAC::Timeout, error.wrapped_exception
    assert_raises(Faraday::SSLError) { connection(serve_securely.url).get("/") }
  end

  def test_options_and_block_reach_the_client
    made = []
    faraday = Faraday.new(@server.url) { |f| f.adapter(:sac, user_agent: "shop/1") { |client| made << client } }
    2.times { faraday.get("/") }
    # Faraday's own name wins, as with other adapters; the client is made once, and its connection kept.
    assert_equal 1, made.size
    assert_equal 1, sent.connection
    assert_equal 2, made.first.stats[:requests]
    faraday.close if faraday.respond_to?(:close)
  end

  def test_a_body_is_streamed_piece_by_piece
    pieces = []
    connection.get("/large") { |request| request.options.on_data = ->(piece, size) { pieces << [piece.bytesize, size] } }
    assert_operator pieces.size, :>, 1
    assert_equal [LARGE, LARGE], [pieces.sum(&:first), pieces.last.last]
  end

  def test_the_proxy_is_the_one_that_faraday_has
    proxied = connection("http://api.example.com") { |faraday| faraday.proxy = @server.url.sub("//", "//ada:s3cret@") }
    response = proxied.get("/v1")
    assert_equal 200, response.status
    assert_equal "http://api.example.com/v1", sent.path
    assert_equal "Basic #{['ada:s3cret'].pack('m0')}", sent.headers["proxy-authorization"]
  end

  def test_tls_is_as_faraday_says
    server = serve_securely(verify_mode: OpenSSL::SSL::VERIFY_PEER | OpenSSL::SSL::VERIFY_FAIL_IF_NO_PEER_CERT)
    ssl = { verify: false, min_version: "TLSv1.2", client_cert: certificate, client_key: KEY }
    assert_equal 200, Faraday.new(server.url, ssl: ssl) { |f| f.adapter :sac }.get("/").status
    assert_raises(ArgumentError) { Faraday.new(@server.url, ssl: { cert_store: "x" }) { |f| f.adapter :sac }.get("/") }
    assert_raises(ArgumentError) { Faraday.new(@server.url, ssl: { min_version: "SSL3" }) { |f| f.adapter :sac }.get("/") }
  end
end
