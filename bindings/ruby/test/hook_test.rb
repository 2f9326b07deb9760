# frozen_string_literal: true

require_relative "helper"

# The hooks around every request.
class HookTest < SACTest
  def setup
    @server = serve { |request| Server.response({ path: request.path, seen: request.headers["x-seen"] }) }
    @client = client_of(@server)
  end

  def test_hooks_wrap_each_request_and_the_first_is_outermost
    on_both_paths do
      order = []
      client = @client.scope
      client.use do |request, &forward|
        order << :outer
        forward.call(request).tap { |response| order << response.status }
      end
      client.use(->(request, &forward) { (order << :inner) && forward.call(request) })
      assert_predicate client.get("/"), :ok?
      assert_equal [:outer, :inner, 200], order
      assert_raises(SAC::InvalidPath) { client.get!("none") }
      assert_equal [:outer, :inner, 0], order.last(3)
    end
  end

  def test_a_hook_changes_a_request
    @client.use do |request, &forward|
      request.path = "/changed#{request.path}"
      request.options[:headers] = { "X-Seen" => request.verb, **request.options[:headers].to_h }
      request.verb = :put
      forward.call(request)
    end
    assert_equal ["/changed/x", "POST"], @client.post("/x", json: {}).then { |response| [response["path"], response["seen"]] }
    assert_equal "PUT", @server.requests.last.verb
    assert_equal(%w[/changed/1 /changed/2], @client.send_all(%w[/1 /2]).map { |response| response["path"] })
    assert_equal 3, @client.get_binary("/") { |bytes| assert_kind_of String, bytes }.then { @server.requests.size - 1 }
  end

  def test_a_hook_can_return_its_own_response_or_send_again
    cached = Marshal.dump(@client.get("/cached"))
    @client.use { |request, &forward| request.path == "/cached" ? Marshal.load(cached) : forward.call(request) }
    @client.use { |request, &forward| forward.call(request).ok? ? forward.call(request) : flunk }
    responses = @client.send_all(%w[/cached /twice])
    assert_equal(%w[/cached /twice], responses.map { |response| response["path"] })
    assert_equal %w[/cached /twice /twice], @server.requests.map(&:path)
    assert_equal "/cached", @client.get("/cached")["path"]
  end

  def test_the_ensure_of_hooks_runs_if_many_requests_are_interrupted
    ensured = []
    client = client_of(serve_silence)
    client.use do |request, &forward|
      forward.call(request)
    ensure
      ensured << request.path
    end
    assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client.send_all(%w[/1 /2 /3], parallel: 2) } }
    assert_equal %w[/1 /2 /3], ensured
  end

  def test_a_scope_has_the_hooks_from_the_time_it_was_made
    urls = []
    @client.use { |request, &forward| (urls << request.url) && forward.call(request) }
    scope = @client.scope
    @client.use { flunk }
    scope.get("/x?key=s3cret", bearer: "s3cret")
    assert_equal ["#{@server.url}/x"], urls
  end

  def test_an_exception_in_a_hook_is_raised_and_shows_no_secret
    @client.use { |request, &_forward| raise IOError, request.inspect }
    error = assert_raises(IOError) { @client.get("/x?key=s3cret", bearer: "s3cret") }
    assert_equal "#<SAC::Request GET #{@server.url}/x>", error.message
    assert_raises(IOError) { @client.send_all(%w[/x]) }
    assert_raises(ArgumentError) { @client.use(5) }
    assert_raises(ArgumentError) { @client.use }
  end
end
