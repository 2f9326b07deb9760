# frozen_string_literal: true

require "sac/faraday"
require_relative "helper"
require_relative "support/secure_server"

class FaradayTest < SACTest
  include SecureServer

  def setup
    @server = serve { |request| answer(request) }
  end

  def answer(request)
    case request.path
    when "/missing" then Server.answer({ message: "gone" }, status: "404 Not Found")
    when "/page" then Server.answer("<html></html>", headers: { "Content-Type" => "text/html" })
    when "/elsewhere" then Server.answer(status: "302 Found", headers: { "Location" => "/" })
    when "/never" then nil
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
    assert_equal 404, connection.get("/missing").status
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

  def test_a_whole_body_is_one_piece_of_a_stream
    pieces = []
    connection.get("/") { |request| request.options.on_data = ->(piece, size) { pieces << [piece.bytesize, size] } }
    assert_equal 1, pieces.size
    assert_equal(*pieces.first)
  end

  def test_what_is_not_served_is_refused
    assert_raises(Faraday::ConnectionFailed) { connection { |faraday| faraday.proxy = "http://127.0.0.1:1" }.get("/") }
    assert_raises(ArgumentError) { Faraday.new(@server.url, ssl: { client_cert: "x" }) { |f| f.adapter :sac }.get("/") }
    assert_raises(ArgumentError) { Faraday.new(@server.url, ssl: { min_version: "SSL3" }) { |f| f.adapter :sac }.get("/") }
    faraday = Faraday.new(@server.url, ssl: { verify: false, min_version: "TLSv1.2" }) { |f| f.adapter :sac }
    assert_equal 200, faraday.get("/").status
  end
end
