# frozen_string_literal: true

require "openssl"
require_relative "helper"

class WebhookTest < SACTest
  CASES = File.expand_path("../../tests/webhooks.json", ROOT)
  SECRET = "It's a Secret to Everybody"
  BODY = "Hello, World!"
  SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

  def verify(headers, secrets: SECRET, body: BODY, **options)
    SAC::Webhook.verify(:github, secrets:, headers:, body:, **options)
  end

  # A webhook of Slack that was signed this many seconds ago.
  def verify_signed(ago, **options)
    timestamp = (Time.now.to_i - ago).to_s
    mac = OpenSSL::HMAC.hexdigest("SHA256", SECRET, "v0:#{timestamp}:#{BODY}")
    headers = { "X-Slack-Signature" => "v0=#{mac}", "X-Slack-Request-Timestamp" => timestamp }
    SAC::Webhook.verify(:slack, secrets: SECRET, headers:, body: BODY, **options)
  end

  # C, C++ and Go read the same cases.
  def test_each_case_has_its_result
    skip "webhooks.json is not here: this is only the gem" unless File.exist?(CASES)
    cases = JSON.parse(File.read(CASES, encoding: "UTF-8"))
    assert_operator cases.size, :>=, 80
    cases.each do |one|
      tolerance = one["tolerance_s"].zero? ? nil : one["tolerance_s"]
      result = begin
        SAC::Webhook.verify(one["scheme"].to_sym, secrets: one["secrets"], headers: one["headers"], body: one["body"], tolerance:)
      rescue SAC::Error => e
        "SAC_ERR_#{e.code.to_s.upcase}"
      end
      expected = one["code"] == "SAC_OK" ? one["id"] : one["code"]
      assert_equal expected, result, one["name"]
    end
  end

  def test_the_tolerance_holds_in_both_directions_and_is_five_minutes
    assert_equal "", verify_signed(0)
    [3600, -3600].each do |ago|
      assert_raises(SAC::SignatureError) { verify_signed(ago) }
      assert_equal "", verify_signed(ago, tolerance: 7200)
      assert_equal "", verify_signed(ago, tolerance: nil)
    end
    assert_raises(SAC::SignatureError) { verify_signed(3600, tolerance: 0.1) }
    [0, -1].each { |tolerance| assert_raises(ArgumentError) { verify_signed(0, tolerance:) } }
  end

  def test_headers_may_be_a_hash_pairs_or_the_environment_of_rack
    [
      { "X-Hub-Signature-256" => SIGNATURE, "x-github-delivery" => "72d3", "Accept" => nil },
      { x_hub_signature_256: SIGNATURE, x_github_delivery: "72d3" },
      { "x-hub-signature-256" => [SIGNATURE], "x-github-delivery" => ["72d3"] },
      [["X-Hub-Signature-256", SIGNATURE], %w[X-GitHub-Delivery 72d3]],
      { "HTTP_X_HUB_SIGNATURE_256" => SIGNATURE, "HTTP_X_GITHUB_DELIVERY" => "72d3", "rack.input" => StringIO.new(BODY),
        "rack.errors" => $stderr, "SERVER_PORT" => "80", "rack.multithread" => true, "HTTP_USER_AGENT" => "f\xFC".b }
    ].each { |headers| assert_equal "72d3", verify(headers), headers.to_a.first.inspect }
  end

  def test_a_stream_in_the_environment_of_rack_is_not_read
    input = StringIO.new(BODY)
    assert_equal "", verify({ "HTTP_X_HUB_SIGNATURE_256" => SIGNATURE, "rack.input" => input })
    assert_equal 0, input.pos
  end

  # As an application of Rack receives it.
  def test_a_request_of_rack_is_verified
    require "rack"
    app = ->(env) { [200, {}, [verify(env, body: Rack::Request.new(env).body.read)]] }
    headers = { "HTTP_X_HUB_SIGNATURE_256" => SIGNATURE, "HTTP_X_GITHUB_DELIVERY" => "72d3" }
    assert_equal "72d3", Rack::MockRequest.new(app).post("/", { input: BODY, **headers }).body
  end

  def test_a_request_of_rails_is_verified
    skip "not installed: actionpack" unless system(RbConfig.ruby, "-raction_controller", "-e", "exit", err: File::NULL)
    process = ruby(<<~RUBY, SECRET, SIGNATURE, BODY, flags: %w[-raction_controller])
      secret, signature, body = ARGV
      env = Rack::MockRequest.env_for("/", method: "POST", input: body, "HTTP_X_HUB_SIGNATURE_256" => signature,
                                           "HTTP_X_GITHUB_DELIVERY" => "72d3")
      request = ActionDispatch::Request.new(env)
      puts SAC::Webhook.verify(:github, secrets: secret, headers: request.headers, body: request.raw_post)
    RUBY
    assert_equal "72d3\n", process.read
    process.close
  end

  def test_the_body_may_have_any_bytes_in_any_encoding
    body = (0..255).map(&:chr).join.b
    signature = "sha256=#{OpenSSL::HMAC.hexdigest('SHA256', SECRET, body)}"
    [body, body.dup.force_encoding("UTF-8"), body.dup.force_encoding("ISO-8859-1")].each do |bytes|
      assert_equal "", verify({ "X-Hub-Signature-256" => signature }, body: bytes), bytes.encoding
    end
  end

  def test_secrets_may_be_one_or_several_and_none_is_an_error
    headers = { "X-Hub-Signature-256" => SIGNATURE }
    assert_equal "", verify(headers, secrets: ["new", nil, SECRET])
    [nil, [], [nil], "", ["", SECRET], "a\0b"].each do |secrets|
      assert_raises(SAC::InvalidArgument, secrets.inspect) { verify(headers, secrets:) }
    end
  end

  def test_invalid_input_raises_an_error_without_the_secret
    headers = { "X-Hub-Signature-256" => SIGNATURE }
    error = assert_raises(SAC::SignatureError) { verify(headers, secrets: "s3cret") }
    assert_equal :signature, error.code
    refute_match(/s3cret/, error.message)
    assert_kind_of SAC::InputError, error
    assert_raises(SAC::SignatureError) { verify({ "X-Hub-Signature-256" => "#{SIGNATURE}\0" }) }
    assert_raises(SAC::InvalidArgument) { SAC::Webhook.verify(:paypal, secrets: "x", headers:, body: BODY) }
    [nil, { "id" => 1 }, StringIO.new(BODY)].each do |body|
      assert_raises(ArgumentError, body.class) { verify(headers, body:) }
    end
  end
end
