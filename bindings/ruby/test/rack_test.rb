# frozen_string_literal: true

require "rack"
require "sac/rack"
require_relative "helper"

class RackTest < SACTest
  def setup
    @server = serve { |request| Server.response({ seen: request.headers.slice("x-request-id", "authorization") }) }
    @client = client_of(@server, user_agent: "shop/1")
  end

  def stack(app)
    SAC::RackScope.new(app, client: @client, &example)
  end

  # The block of the example in the README.
  def example
    readme = File.read("#{ROOT}/README.md", encoding: "UTF-8")
    code = readme[/use SAC::RackScope, client: CLIENT (do.*?^end)/m, 1]
    eval("proc #{code}", binding, __FILE__, __LINE__) # rubocop:disable Security/Eval
  end

  def request(app, id = "r-1")
    Rack::MockRequest.new(app).get("/", { "HTTP_X_REQUEST_ID" => id }.compact)
  end

  def test_each_incoming_request_has_its_own_scope
    scopes = []
    app = stack(lambda do |env|
      scopes << env["sac.client"]
      env["sac.client"].add_bearer("of-#{env['HTTP_X_REQUEST_ID']}") if scopes.size == 1
      [200, {}, [env["sac.client"].get("/").json]]
    end)
    assert_equal({ "x-request-id" => "a", "authorization" => "Bearer of-a" }, JSON.parse(request(app, "a").body)["seen"])
    assert_equal({ "x-request-id" => "b" }, JSON.parse(request(app, "b").body)["seen"])
    assert_equal({}, JSON.parse(request(app, nil).body)["seen"])
    assert(scopes.all?(&:closed?))
    assert_equal({}, @client.get("/")["seen"])
  end

  def test_a_scope_lasts_until_its_body_has_been_sent
    scope = nil
    body = Enumerator.new { |chunks| chunks << scope.get("/").json }
    app = stack(->(env) { [200, {}, (scope = env["sac.client"]) && body] })
    _, _, sent = app.call(Rack::MockRequest.env_for("/", "HTTP_X_REQUEST_ID" => "z"))
    refute_predicate scope, :closed?
    assert_match(/z/, sent.to_enum.to_a.join)
    sent.close
    assert_predicate scope, :closed?
  end

  def test_an_error_and_a_throw_close_the_scope
    scopes = []
    failing = stack(->(env) { (scopes << env["sac.client"]) && raise("broken") })
    assert_raises(RuntimeError) { request(failing) }
    throwing = stack(->(env) { (scopes << env["sac.client"]) && throw(:halt) })
    catch(:halt) { request(throwing) }
    unprepared = SAC::RackScope.new(->(_) {}, client: @client) { |scope, _| (scopes << scope) && raise("broken") }
    assert_raises(RuntimeError) { request(unprepared) }
    assert_equal [true] * 3, scopes.map(&:closed?)
  end
end
