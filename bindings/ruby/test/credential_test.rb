# frozen_string_literal: true

require_relative "helper"

# Which credentials a request has.
class CredentialTest < SACTest
  def setup
    @server = serve
    @client = client_of(@server)
  end

  def sent
    @server.requests.last
  end

  def test_credentials_of_a_call_are_for_this_call_only
    client = client_of(@server, bearer: "of-all")
    client.get("/", bearer: "of-one")
    assert_equal "Bearer of-one", sent.headers["authorization"]
    client.get("/", basic: %w[ada pässword])
    assert_equal "Basic #{['ada:pässword'].pack('m0')}", sent.headers["authorization"]
    assert_raises(ArgumentError) { client.get("/", basic: "ada") }
    refute_match(/s3cret/, client.get("/", bearer: "s3cret\n").error)
  end

  def test_credentials_that_are_nil_raise_an_error
    on_both_paths do
      client = client_of(@server, bearer: "of-all")
      count = @server.requests.size
      %i[bearer basic].each do |name|
        [-> { client.get("/", name => nil) }, -> { client.send_all([["GET", "/", { name => nil }]]) },
         -> { client.scope(name => nil) }, -> { client.configure(name => nil) }, -> { client_of(@server, name => nil) },
         -> { client.stream("/", name => nil).to_a }, -> { client.pages("/", name => nil).to_a }].each do |call|
          assert_includes assert_raises(ArgumentError, &call).message, "#{name} is nil"
        end
      end
      assert_raises(ArgumentError) { client.bearer = nil }
      assert_raises(ArgumentError) { client.aws_sigv4 = nil }
      assert_equal count, @server.requests.size
      client.get("/")
      assert_equal "Bearer of-all", sent.headers["authorization"]
    end
  end

  def test_false_means_no_credentials
    on_both_paths do
      client = client_of(@server, bearer: "of-all", headers: { x: 1 })
      %i[bearer basic].each do |name|
        client.get("/", name => false)
        assert_equal [nil, "1"], sent.headers.values_at("authorization", "x")
        client.scope(name => false).get("/")
        assert_nil sent.headers["authorization"]
      end
      SAC::Client.new(@server.url.sub("//", "//ada:s3cret@")).get("/", bearer: false)
      assert_nil sent.headers["authorization"]
      client.get("/")
      assert_equal "Bearer of-all", sent.headers["authorization"]
      client.bearer = false
      client.get("/")
      assert_nil sent.headers["authorization"]
    end
  end

  def test_credentials_of_a_call_have_the_rules_of_those_of_a_client
    count = @server.requests.size
    ["", "a b", "a\tb", "a\0", "\n"].each do |token|
      assert_equal :invalid_header, @client.get("/", bearer: token).code, token.inspect
      assert_raises(SAC::InvalidHeader) { @client.scope(bearer: token) }
    end
    { [nil, "a"] => :null_argument, ["a", nil] => :null_argument, %W[a b\n] => :invalid_argument,
      ["a:b", ""] => :invalid_argument, %W[a\0 b] => :invalid_argument }.each do |pair, code|
      assert_equal code, @client.get("/", basic: pair).code, pair.inspect
      assert_kind_of SAC::ERRORS[code], assert_raises(SAC::InputError) { @client.scope(basic: pair) }
    end
    assert_equal count, @server.requests.size
  end

  def test_digest_credentials_answer_a_challenge
    challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"
    server = serve do |request|
      next Server.response("{}") if request.headers["authorization"]

      "HTTP/1.1 401 Unauthorized\r\n#{challenge}Content-Length: 0\r\n\r\n"
    end
    client = client_of(server, digest: %w[ada s3cret])
    3.times { assert_predicate client.get("/"), :ok? }
    sent = server.requests.map { |request| request.headers["authorization"].to_s[/nc=(\h+)/, 1] }
    assert_equal [nil, "00000001", "00000002", "00000003"], sent
    refute_respond_to client, :digest
    client.add_bearer("t")
    client.get("/")
    assert_equal "Bearer t", server.requests.last.headers["authorization"]
    assert_raises(ArgumentError) { client.configure(digest: nil) }
    assert_raises(SAC::InvalidArgument) { client.add_digest("a:b", "c") }
    client_of(@server, digest: false).get("/")
  end

  def test_a_client_without_credentials_needs_false_not_nil
    SAC::Client.new(@server.url, bearer: false, basic: false, headers: nil, cookies: nil).get("/")
    assert_nil sent.headers["authorization"]
    assert_raises(ArgumentError) { SAC::Client.new(@server.url, bearer: nil) }
  end
end
