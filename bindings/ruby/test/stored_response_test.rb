# frozen_string_literal: true

require "socket"
require_relative "helper"

# Responses with their data in Ruby read like those of calls.
class StoredResponseTest < SACTest
  DATA = { "a/b" => [1, 2.5, { "c" => nil }], "name" => "Zoë", "yes" => true, "big" => 2**80 }.freeze
  METHODS = %i[code status reason error json json_state body text charset content_type data as_json journal tls attempts elapsed
               verb url ok? success? repaired? inspect].freeze
  POINTERS = ["", "/a~1b", "/a~1b/1", "/a~1b/01", "/a~1b/-1", "/a~1b/9", "/a~1b/2/c", "/name", "/name/x", "/yes", "/big",
              "/none", "name"].freeze

  def called(body = DATA, **options)
    options = { headers: { "Link" => '</items?page=2>; rel="next last"', "Set-Cookie" => "a=1\r\nSet-Cookie: b=2" }, **options }
    client_of(serve { Server.response(body, **options) }).get("/items?page=1")
  end

  # The results of all methods of a response.
  def results_of(response)
    { headers: response.headers.to_a, links: %w[next last other].map { |rel| response.link(rel) },
      fields: ["set-cookie", :x].map { |name| response.header(name) },
      **METHODS.to_h { |name| [name, response.public_send(name)] },
      **%i[at type_at size_at].product(POINTERS).to_h { |asked| [asked, response.public_send(*asked)] } }
  end

  def test_a_response_survives_marshal
    [called, called(status: "404 Not Found"), called("<html>"), called("{'a': 1}"), called((0..255).to_a.pack("C*")),
     called("[1]"), client_of(serve).get("no-slash"), SAC::Client.new("http://127.0.0.1:1").get("/")].each do |response|
      loaded = Marshal.load(Marshal.dump(response))
      assert_kind_of SAC::Response, loaded
      assert_equal results_of(response), results_of(loaded)
      assert_equal results_of(response), results_of(Marshal.load(Marshal.dump(loaded)))
    end
    symbols = client_of(serve { Server.response(DATA) }, symbolize_names: true).get("/")
    assert_equal "Zoë", Marshal.load(Marshal.dump(symbols))[:name]
  end

  def test_a_built_response_is_as_from_the_library
    built = SAC::Response.build(status: 404, headers: { "X-A" => "b", "Link" => '</p?n=2>; rel="next"' },
                                body: { error: "no such user" }, url: "https://api.example.com/v1")
    assert_equal [404, :status, "no such user", "b"], [built.status, built.code, built.error, built.header("X-A")]
    assert_equal "application/json", built.content_type
    assert_equal "https://api.example.com/p?n=2", built.link("next")
    error = assert_raises(SAC::NotFound) { built.or_raise }
    assert_equal "GET https://api.example.com/v1 answered 404: no such user", error.message
    assert_equal [200, {}, "GET"], SAC::Response.build.then { |response| [response.status, response.data, response.verb] }
    assert_equal 1, SAC::Response.build(body: '{"a":1}', symbolize_names: true)[:a]
    assert_predicate SAC::Response.build(body: "{'a': 1,}"), :repaired?
    assert_equal :not_json, SAC::Response.build(body: "<html>").code
    redirect = SAC::Response.build(status: 302, headers: { location: "/x" })
    assert_equal ["/x", :ok], [redirect.header("Location"), redirect.code]
    assert_equal 429, SAC::Response.build(status: 429).exception.status
  end

  def test_a_failure_can_be_built
    built = SAC::Response.build(code: :timeout, error: "too slow", verb: "POST")
    assert_equal [0, "too slow", { "error" => "too slow" }, 0], [built.status, built.error, built.data, built.attempts]
    assert_raises(SAC::Timeout) { built.or_raise }
    assert_match(/[a-z]/, SAC::Response.build(code: :connect).error)
    assert_raises(ArgumentError) { SAC::Response.build(code: :nonsense) }
  end
end
