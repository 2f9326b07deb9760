# frozen_string_literal: true

require "pathname"
require "tempfile"
require_relative "helper"

# Bearer tokens that expire.
class TokenTest < SACTest
  CLIENT = { client_id: "app", client_secret: "s3cret" }.freeze

  # Accepts the token "good" and issues it.
  def setup
    @server = serve do |request|
      if request.path == "/token"
        Server.response({ access_token: "good", token_type: "Bearer", expires_in: 60, refresh_token: "next" })
      elsif request.headers["authorization"] == "Bearer good"
        Server.response({})
      else
        Server.response({ error: "bad token" }, status: 401)
      end
    end
  end

  def token_requests
    @server.requests.select { |request| request.path == "/token" }
  end

  def test_a_block_is_called_once_and_again_after_a_refusal
    on_both_paths do
      reasons = []
      client = client_of(@server)
      client.token_from { |reason| (reasons << reason).size == 1 ? "bad" : SAC::Token.new(value: "good", expires_in: 3600) }
      responses = Array.new(8) { Thread.new { client.get("/") } }.map(&:value)
      assert(responses.all?(&:ok?), responses.map(&:error).inspect)
      assert_predicate client.scope.get("/"), :ok?
      assert_equal %i[needed refused], reasons
    end
  end

  def test_many_requests_cost_one_token
    calls = 0
    client = client_of(@server, token: ->(_) { (calls += 1) && "good" })
    assert(client.send_all(["/"] * 20, parallel: 8).all?(&:ok?))
    assert_equal 1, calls
  end

  def test_an_error_of_an_early_refresh_does_not_hide_the_response
    failures = 0
    client = client_of(@server)
    client.token_from do |reason|
      raise IOError, "the vault is sealed" if reason == :expiring && (failures += 1)

      SAC::Token.new(value: "good", expires_in: 1)
    end
    # The last tenth of the second, sooner or later.
    responses = []
    responses << client.get("/") while failures.zero?
    assert(responses.all?(&:ok?), responses.map(&:error).compact.inspect)
  end

  def test_an_error_in_the_block_is_raised_and_other_calls_end_with_its_code
    on_both_paths do
      calls = 0
      client = client_of(@server, token: ->(_) { (calls += 1) && raise(IOError, "the vault is sealed") })
      assert_equal "the vault is sealed", assert_raises(IOError) { client.get("/") }.message
      assert_equal :token, client.get("/").code
      assert_raises(SAC::TokenError) { client.get!("/") }
      assert_equal 1, calls, "the block was called again at once"
      other = SAC::Error.for(:timeout, "of another client")
      client = client_of(@server, token: ->(_) { raise other })
      assert_same other, assert_raises(SAC::Timeout) { client.get("/") }
      assert_includes client.get("/").error, "returned SAC_ERR_TIMEOUT"
    end
  end

  def test_a_token_that_cannot_be_sent_is_an_error
    client = client_of(@server)
    [nil, 5, SAC::Token.new(expires_in: 5)].each do |token|
      client.token = ->(_) { token }
      assert_raises(TypeError) { client.get("/") }
    end
    ["", "a b", "a\nb", "a\0b"].each do |token|
      client.token = ->(_) { token }
      assert_includes client.get("/").error, "returned SAC_ERR_INVALID_HEADER"
    end
    client.token = ->(_) { SAC::Token.new(value: "good", expires_in: -1) }
    assert_raises(ArgumentError) { client.get("/") }
    assert_empty @server.requests
  end

  def test_the_block_may_make_calls_but_not_need_its_own_token
    on_both_paths do
      client = client_of(@server)
      inner = []
      client.token_from do |_|
        inner << client.get("/").code << client.get("/", bearer: "good").code << client_of(@server, bearer: "good").get("/").code
        "good"
      end
      assert_predicate client.get("/"), :ok?
      assert_equal %i[token ok ok], inner.map { |code| code || :ok }
    end
  end

  def test_an_interrupt_in_the_block_is_not_a_failure
    calls = 0
    client = client_of(@server, token: ->(_) { (calls += 1) == 1 ? sleep : "good" })
    assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client.get("/") } }
    assert_predicate client.get("/"), :ok?
  end

  def test_the_credentials_of_the_client_are_exchanged_for_a_token
    saved = []
    url = "#{@server.url}/token"
    client = client_of(@server, on_token_saved: ->(token) { saved << token.to_h },
                                client_credentials: { token_url: url, **CLIENT, scope: %w[read write] })
    assert_predicate client.get("/"), :ok?
    client.refresh_token = { token_url: url, client_id: "app", refresh_token: "first" }
    assert_predicate client.get("/"), :ok?
    assert_equal [{ access_token: "good", refresh_token: "next", expires_in: 60.0 }] * 2, saved
    assert_equal ["grant_type=client_credentials&scope=read+write",
                  "grant_type=refresh_token&refresh_token=first&client_id=app"], token_requests.map(&:body)
    assert_equal ["Basic #{['app:s3cret'].pack('m0')}", nil], token_requests.map { |request| request.headers["authorization"] }
    assert_raises(SAC::InvalidURL) { client.add_client_credentials(token_url: "ftp://x", **CLIENT) }
    assert_raises(ArgumentError) { client.client_credentials = { token_url: url } }
  end

  def test_a_token_file_is_read_again
    Tempfile.create("token") do |file|
      client = client_of(@server, bearer_file: file.path)
      assert_equal :token, client.get("/").code
      File.write(file.path, "good\n")
      assert_predicate client.get("/"), :ok?
      assert_predicate client_of(@server, bearer_file: Pathname(file.path)).get("/"), :ok?
    end
    assert_includes client_of(@server, bearer_file: "/nowhere").get("/").error, '"/nowhere"'
  end

  def test_false_removes_the_source_and_nil_is_an_error
    client = client_of(@server, token: ->(_) { flunk })
    %i[token bearer_file client_credentials refresh_token].each do |name|
      assert_raises(ArgumentError) { client.configure(name => nil) }
      client.configure(name => false, on_token_saved: nil)
    end
    assert_equal 401, client.get("/").status
    client.token_from { "good" }
    assert_equal 401, client.get("/", bearer: false).status
    assert_raises(ArgumentError) { client.token_from }
    assert_raises(ArgumentError) { client.on_token_saved = 5 }
  end

  def test_no_text_shows_a_token
    saved = SAC::SavedToken.new(access_token: "s3cret", refresh_token: "s3cret")
    texts = [SAC::Token.new(value: "s3cret"), saved].flat_map do |token|
      [token.inspect, token.to_s, token.to_json, token.as_json.to_s, [token].inspect]
    end
    client = client_of(@server, client_credentials: { token_url: "#{@server.url}/token", **CLIENT })
    refute_match(/s3cret/, [*texts, client.inspect, client.get("/missing").inspect].join)
  end
end
