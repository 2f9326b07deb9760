# frozen_string_literal: true

require "sac/faraday"
require_relative "helper"
require_relative "support/secure_server"

class FaradayTest < SACTest
  include SecureServer

  def setup
    @server = serve { |request| respond(request) }
  end

  def respond(request)
    case request.path
    when "/missing" then Server.response({ message: "gone" }, status: "404 Not Found")
    when "/never" then nil
    when %r{\Ahttp://denied} then Server.response("no", status: "407 Proxy Authentication Required")
    else Server.response({ body: request.body })
    end
  end

  def connection(url = @server.url, **options, &block)
    Faraday.new(url, request: { timeout: TIMEOUT }) do |faraday|
      faraday.request :url_encoded
      yield faraday if block
      faraday.adapter :sac, options
    end
  end

  # A connection, and the clients that its adapter makes.
  def observed(**options)
    clients = []
    [Faraday.new(@server.url) { |faraday| faraday.adapter(:sac, **options) { |client| clients << client } }, clients]
  end

  def sent
    @server.requests.last
  end

  def test_failures_raise_the_errors_of_faraday
    assert_raises(Faraday::ConnectionFailed) { connection("http://127.0.0.1:1").get("/") }
    error = assert_raises(Faraday::TimeoutError) { connection.get("/never") { |request| request.options.timeout = 0.05 } }
    assert_instance_of SAC::Timeout, error.wrapped_exception
    assert_raises(Faraday::TimeoutError) { connection.get("/never") { |request| request.options.read_timeout = 0.05 } }
    assert_raises(Faraday::SSLError) { connection(serve_securely.url).get("/") }
    assert_raises(Faraday::ResourceNotFound) { connection { |faraday| faraday.response :raise_error }.get("/missing") }
  end

  def test_an_error_has_the_backtrace_of_the_call
    refused = [-> { connection("http://127.0.0.1:1").get("/") },
               -> { connection.get("/never") { |request| request.options.timeout = 0.05 } },
               -> { connection(serve_securely.url).get("/") }, -> { connection.get("/", nil, "X" => "a\r\nb") }]
    refused.each do |call|
      error = assert_raises(Faraday::Error, ArgumentError, &call)
      assert_includes error.backtrace.join("\n"), __FILE__
      assert_includes error.full_message(highlight: false), __FILE__
    end
  end

  def test_a_refused_request_raises_an_argument_error
    refused = { "X-Own" => "a\r\nb", "Upgrade" => "h2c", "Connection" => "upgrade", "Transfer-Encoding" => "gzip" }
    refused.each do |name, value|
      error = assert_raises(ArgumentError) { connection.get("/", nil, name => value) }
      assert_includes error.message, "header #{name}"
    end
    assert_raises(ArgumentError) { connection { |faraday| faraday.proxy = "ftp://127.0.0.1" }.get("/") }
    assert_empty @server.requests
  end

  def test_options_and_block_reach_the_client
    faraday, clients = observed(user_agent: "shop/1")
    2.times { faraday.get("/") }
    # The client is made once, and keeps its connection.
    assert_equal 1, clients.size
    assert_equal 1, sent.connection
    assert_equal 2, clients.first.stats[:requests]
    faraday.close if faraday.respond_to?(:close)
  end

  def test_by_default_only_silence_is_limited
    faraday, clients = observed
    faraday.get("/")
    assert_equal [nil, 60], [clients.first.timeout, clients.first.read_timeout]
    faraday, clients = observed(timeout: 5)
    faraday.get("/")
    assert_equal [5, 60], [clients.first.timeout, clients.first.read_timeout]
  end

  # A server that sends a body in small pieces for some seconds.
  #
  # @yield after each piece
  def serve_drips(duration)
    serve do
      lambda do |socket|
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        end_of_body = Process.clock_gettime(Process::CLOCK_MONOTONIC) + duration
        while Process.clock_gettime(Process::CLOCK_MONOTONIC) < end_of_body
          socket.write("1\r\nx\r\n")
          yield
        end
        socket.tap { socket.write("0\r\n\r\n") }
      end
    end
  end

  def test_a_body_may_take_longer_than_the_read_timeout_if_each_piece_is_in_time
    faraday = Faraday.new(serve_drips(2) { Thread.pass }.url, request: { read_timeout: 1 }) { |f| f.adapter :sac }
    response = nil
    assert_operator seconds { response = faraday.get("/") }, :>=, 2
    assert_equal [200, ""], [response.status, response.body.delete("x")]
    refute_empty response.body
  end

  def test_pieces_for_on_data_may_take_longer_than_the_read_timeout_in_total
    arrived = Thread::Queue.new
    faraday = Faraday.new(serve_drips(2) { arrived.pop }.url, request: { read_timeout: 1 }) { |f| f.adapter :sac }
    pieces = []
    elapsed = seconds do
      faraday.get("/") { |request| request.options.on_data = proc { |piece, _| (pieces << piece) && (arrived << true) } }
    end
    assert_operator elapsed, :>=, 2
    assert_equal ["x"], pieces.uniq
  end

  def test_options_of_a_request_make_no_new_client
    faraday, clients = observed
    descriptors = Array.new(30) do |number|
      faraday.get("/") { |request| request.options.update(open_timeout: 30 - (number / 10.0), timeout: 40 - number) }
      # Those that other tests have left may disappear.
      GC.start
      Dir.children("/proc/self/fd").size
    end
    assert_equal [1, 1], [clients.size, sent.connection]
    assert_operator descriptors.last, :<=, descriptors.first, "the numbers of open descriptors: #{descriptors}"
  end

  def test_the_connect_timeout_is_that_of_the_request
    full = TCPServer.new("127.0.0.1", 0)
    # The kernel drops connections beyond the queue of those that nobody accepts.
    full.listen(0)
    waiting = Array.new(8) do
      Socket.new(:INET, :STREAM).tap { |socket| socket.connect_nonblock(full.local_address, exception: false) }
    end
    url = "http://127.0.0.1:#{full.local_address.ip_port}/"
    assert_raises(Faraday::TimeoutError) { connection.get(url) { |request| request.options.open_timeout = 0.05 } }
  ensure
    [full, *waiting].each(&:close)
  end

  def test_few_clients_are_kept_for_an_origin
    faraday, clients = observed
    20.times do |number|
      faraday.proxy = @server.url.sub("//", "//user#{number}:x@")
      faraday.get("/")
    end
    assert_equal 20, clients.size
    assert_equal clients.last(4), clients.reject(&:closed?)
    # The most recently used one stays.
    faraday.proxy = @server.url.sub("//", "//user16:x@")
    faraday.get("/")
    faraday.proxy = @server.url.sub("//", "//new:x@")
    faraday.get("/")
    assert_equal [clients[16], *clients.last(3)], clients.reject(&:closed?)
  end

  def test_few_clients_are_kept_in_total
    faraday, clients = observed
    adapter = faraday.app.respond_to?(:build_connection) ? faraday.app : SAC::FaradayAdapter.new { |client| clients << client }
    100.times do |number|
      adapter.build_connection(Faraday::Env.from(url: URI("http://host#{number}.example/"), request: Faraday::RequestOptions.new))
    end
    assert_equal 100, clients.size
    assert_equal clients.last(64), clients.reject(&:closed?)
  end

  def test_a_removed_client_is_closed_after_its_calls
    arrived = Thread::Queue.new
    release = Thread::Queue.new
    server = serve do |request|
      if request.path.end_with?("/slow")
        arrived << true
        release.pop
      end
      Server.response
    end
    clients = []
    faraday = Faraday.new(server.url) { |f| f.adapter(:sac) { |client| clients << client } }
    slow = Thread.new { faraday.get("/slow").status }
    arrived.pop
    8.times do |number|
      faraday.get("/") { |request| request.options[:proxy] = server.url.sub("//", "//user#{number}:x@") }
    end
    refute_predicate clients.first, :closed?
    release << true
    assert_equal 200, slow.value
    assert_predicate clients.first, :closed?
  end

  def test_the_proxy_is_that_of_faraday
    proxied = connection("http://api.example.com") { |faraday| faraday.proxy = @server.url.sub("//", "//ada:s%20%2Bt@") }
    response = proxied.get("/v1")
    assert_equal 200, response.status
    assert_equal "http://api.example.com/v1", sent.path
    assert_equal "Basic #{['ada:s +t'].pack('m0')}", sent.headers["proxy-authorization"]
  end

  def test_a_proxy_that_requires_a_password_has_its_own_error
    denied = connection("http://denied.example.com") { |faraday| faraday.proxy = @server.url }
    assert_equal [407, "Proxy Authentication Required"], [denied.get("/").status, denied.get("/").reason_phrase]
    strict = connection("http://denied.example.com") do |faraday|
      faraday.proxy = @server.url
      faraday.response :raise_error
    end
    assert_raises(Faraday::ProxyAuthError) { strict.get("/") }
  end

  def test_several_requests_are_sent_at_once
    gate = Thread::Queue.new
    server = serve do |request|
      # The server responds when all requests have arrived.
      gate << true
      Thread.pass until gate.size == 3
      request.path == "/b" ? Server.response({}, status: "404 Not Found") : Server.response({ body: request.body })
    end
    faraday = connection(server.url)
    csv = { "Content-Type" => "text/csv" }
    responses = []
    faraday.in_parallel do
      responses = [faraday.get("/a"), faraday.get("/b"), faraday.post("/c", StringIO.new("bytes"), csv)]
      assert_predicate faraday, :in_parallel?
      assert_equal [nil] * 3, responses.map(&:status)
    end
    assert_equal [200, 404, 200], responses.map(&:status)
    assert_equal({ "body" => "bytes" }, JSON.parse(responses.last.body))
  end

  def test_a_failure_of_one_request_is_raised_after_all_have_finished
    faraday = connection { |f| f.response :raise_error }
    responses = []
    pieces = []
    assert_raises(Faraday::ResourceNotFound) do
      faraday.in_parallel do
        responses = [faraday.get("/missing"), faraday.get("/"), faraday.get("http://127.0.0.1:1/"),
                     faraday.get("/s") { |request| request.options.on_data = proc { |piece, _| pieces << piece } }]
      end
    end
    assert_equal [404, 200, nil, 200], responses.map(&:status)
    assert_equal 1, pieces.size
    # No request is left.
    faraday.in_parallel { nil }
    assert_equal 3, @server.requests.size
  end

  def test_on_data_sees_the_pieces_when_they_arrive
    arrived = Thread::Queue.new
    server = serve do
      lambda do |socket|
        socket.write("HTTP/1.1 200 OK\r\nX-Own: 1\r\nContent-Length: 6\r\n\r\n")
        # Each piece is sent only after the one before has arrived.
        3.times { |number| socket.write("#{number}\n") && arrived.pop }
        socket
      end
    end
    sizes = []
    Faraday.new(server.url) { |faraday| faraday.adapter :sac }.get("/") do |request|
      request.options.on_data = proc { |_, size| (sizes << size) && (arrived << true) }
    end
    assert_equal [2, 4, 6], sizes
  end

  def test_a_body_that_breaks_in_on_data_is_a_failed_connection
    server = serve do
      ->(socket) { socket.tap { socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst") && socket.close } }
    end
    pieces = []
    error = assert_raises(Faraday::ConnectionFailed) do
      Faraday.new(server.url) { |faraday| faraday.adapter :sac }.get("/") do |request|
        request.options.on_data = proc { |piece, _| pieces << piece }
      end
    end
    assert_equal ["first"], pieces
    assert_kind_of SAC::Closed, error.wrapped_exception
  end

  def test_on_data_may_be_left_and_its_errors_are_the_programs
    server = serve { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst" }
    get = lambda do |&block|
      Faraday.new(server.url) { |faraday| faraday.adapter :sac }.get("/") { |request| request.options.on_data = block }
    end
    assert_equal(:thrown, catch(:out) { get.call { throw :out, :thrown } })
    server.wait_for_close
    another = SAC::Response.build(status: 404)
    assert_raises(SAC::NotFound) { get.call { another.or_raise } }
    server.wait_for_close
  end
end
