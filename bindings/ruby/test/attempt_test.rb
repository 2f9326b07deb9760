# frozen_string_literal: true

require_relative "helper"
require "tempfile"

# The request that goes out, and its signature.
class AttemptTest < SACTest
  ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  def test_on_attempt_sees_each_request_and_sets_its_fields
    on_both_paths do
      responses = [Server.response(status: "503 Busy"),
                   Server.response(status: "302 Found", headers: { "Location" => "/to?b=2" })]
      server = serve { responses.shift || Server.response }
      seen = []
      client = client_of(server, bearer: "t0ken", retries: 1, backoff: 0.001..0.002, on_attempt: lambda { |attempt|
        assert_equal ["Bearer t0ken", nil], [attempt["authorization"], attempt[:x_none]]
        assert attempt.url.end_with?(attempt.target)
        seen << "#{attempt.verb} #{attempt.target} #{attempt.number}"
        attempt[:x_signature] = "of #{seen.last}"
      })
      assert_equal 2, client.get("/from").or_raise.attempts
      assert_equal ["GET /from 1", "GET /from 2", "GET /to?b=2 2"], seen
      assert_equal(seen.map { |what| "of #{what}" }, server.requests.map { |request| request.headers["x-signature"] })
    end
  end

  def test_on_attempt_sees_the_body_and_its_hash
    Tempfile.create("abc") do |file|
      file.write("abc")
      file.close
      seen = []
      client = client_of(serve, on_attempt: ->(attempt) { seen << [attempt.body, attempt.body_sha256] })
      client.put("/", body: ["abc", "text/plain"]).or_raise
      client.put("/", body_file: [file.path, "text/plain"]).or_raise
      assert_equal [["abc", ABC], [nil, ABC]], seen
    end
  end

  def test_only_false_from_on_attempt_ends_the_call
    on_both_paths do
      server = serve
      codes = [nil, true, false].map { |result| client_of(server, on_attempt: ->(_) { result }).get("/").code }
      assert_equal %i[ok ok cancelled], codes.map(&:downcase)
      assert_equal 2, server.requests.size
    end
  end

  def test_an_exception_in_on_attempt_is_raised_and_nothing_is_sent
    on_both_paths do
      server = serve
      client = client_of(server, retries: 3, on_attempt: ->(attempt) { attempt["Content-Length"] = "1" })
      assert_raises(SAC::InvalidHeader) { client.get("/") }
      client.on_attempt = ->(attempt) { attempt["X-A"] = "1\0" }
      assert_raises(SAC::InvalidHeader) { client.get("/") }
      assert_empty server.requests
      client.on_attempt = nil
      assert client.get("/").ok?
    end
  end

  def test_an_attempt_is_valid_only_until_on_attempt_returns
    kept = nil
    client_of(serve, on_attempt: ->(attempt) { kept = attempt }).get("/").or_raise
    [-> { kept.url }, -> { kept["Host"] }, -> { kept["X-A"] = "1" }, -> { kept.number }, -> { kept.body }].each do |use|
      assert_match(/valid only until/, assert_raises(SAC::InvalidArgument, &use).message)
    end
    assert_equal "#<SAC::Attempt closed>", kept.inspect
  end

  def test_on_attempt_and_on_retry_work_together_and_in_scopes
    calls = []
    server = serve { Server.response(status: "503 Busy") }
    client = client_of(server, retries: 1, backoff: 0.001..0.002, on_attempt: ->(_) { calls << :attempt })
    client.scope(on_retry: ->(_) { calls << :retry }) { |scope| scope.get("/") }
    assert_equal %i[attempt retry attempt], calls
    client.get("/")
    assert_equal 5, calls.size
    assert_equal([503] * 6, client.send_all(Array.new(6) { [:get, "/"] }).map(&:status))
  end

  def test_aws_sigv4_signs_each_request
    server = serve
    credentials = { access_key_id: "AKIDEXAMPLE", secret_access_key: "s3cret" }
    client = client_of(server, bearer: "t0ken", aws_sigv4: { region: "us-east-1", service: "dynamodb", **credentials })
    client.get("/").or_raise
    client.set_aws_sigv4(region: "eu-west-1", service: "s3", session_token: "session", **credentials).get("/").or_raise
    client.configure(aws_sigv4: false).get("/").or_raise
    signatures = server.requests.map { |request| request.headers["authorization"] }
    scope = %r{\AAWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, }
    assert_match scope, signatures[0]
    assert_match(/;x-amz-security-token, Signature=\h{64}\z/, signatures[1])
    assert_nil signatures[2]
    bad = { region: "r", service: "s3", access_key_id: "k", secret_access_key: "s3cret\n" }
    error = assert_raises(SAC::InvalidArgument) { client.set_aws_sigv4(**bad) }
    refute_includes error.message, "s3cret"
  end
end
