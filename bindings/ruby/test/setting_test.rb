# frozen_string_literal: true

require_relative "helper"

class SettingTest < SACTest
  # Settings with a file or a certificate, which other tests cover.
  TESTED_ELSEWHERE = %i[
    ca_file ca_pem client_certificate client_certificate_pem client_certificate_password pinned_keys unix_socket
  ].freeze
  # A value of each kind.
  VALUES = {
    milliseconds: 5, number: 3, span: 0.1..5, statuses: [503], rate: { requests: 100, per: 1, burst: 10 }, text: "test/1",
    guard: true, flag: true, tls_version: "1.3", proxy: false
  }.freeze
  ALL = SAC::Setting::OF_CLIENTS.except(*TESTED_ELSEWHERE).transform_values { |setting| VALUES.fetch(setting.kind) }.freeze

  def test_every_setting_is_accepted_together_and_alone
    client = SAC::Client.new("http://127.0.0.1:1", **ALL)
    ALL.each { |name, value| client.public_send(:"#{name}=", value) }
  end

  def test_every_setting_of_a_request_is_accepted
    server = serve
    options = SAC::Setting::OF_REQUESTS.transform_values { |setting| VALUES.fetch(setting.kind) }
    assert_predicate client_of(server).get("/", **options), :ok?
  end

  def test_nil_means_no_limit
    server = serve
    none = { timeout: nil, connect_timeout: nil, read_timeout: nil, deadline: nil, rate_limit: nil, user_agent: nil }
    assert_predicate SAC::Client.new(server.url, **none).get("/", timeout: Float::INFINITY), :ok?
  end

  def test_a_time_below_a_millisecond_is_a_limit
    assert_equal :timeout, client_of(serve_silence).get("/", deadline: 0.0001).code
  end

  def test_a_timeout_is_in_seconds
    elapsed = seconds { assert_equal :timeout, client_of(serve_silence).get("/", timeout: 0.05).code }
    assert_operator elapsed, :<, TIMEOUT
  end

  def test_unknown_settings_and_invalid_values_raise_errors
    client = SAC::Client.new("http://127.0.0.1:1")
    assert_raises(ArgumentError) { client.configure(tiemout: 5) }
    assert_raises(ArgumentError) { client.get("/", tiemout: 5) }
    assert_raises(ArgumentError) { client.timeout = -1 }
    assert_raises(ArgumentError) { client.timeout = "soon" }
    assert_raises(SAC::InvalidArgument) { client.min_tls = "1.1" }
    assert_raises(SAC::InvalidArgument) { client.backoff = 5..1 }
    assert_raises(SAC::InvalidArgument) { client.retry_statuses = [42] }
    assert_raises(SAC::InvalidHeader) { client.add_header("Content-Length", "5") }
    error = assert_raises(SAC::InvalidURL) { SAC::Client.new("example.com") }
    assert_match(%r{must be http:// or https://}, error.message)
    assert_raises(SAC::NullArgument) { client.add_bearer(nil) }
    assert_raises(SAC::FileError) { client.ca_file = "/nowhere" }
    assert_raises(SAC::CertificateError) { client.ca_pem = "no certificate" }
  end

  def test_values_of_another_kind_are_argument_errors
    client = SAC::Client.new("http://127.0.0.1:1")
    { retries: [-1, true, "x", 2**64], max_body_bytes: [-1], redirects: [-1], basic: ["ada:secret", ["ada"]],
      headers: ["a: b", [["a"]]], cookies: ["a=b"],
      client_certificate: ["cert.pem"], logger: ["log.txt"], on_retry: [5] }.each do |name, values|
      values.each { |value| assert_raises(ArgumentError, "#{name}: #{value}") { client.configure(name => value) } }
    end
    assert_raises(ArgumentError) { client.get("/", progress: 5) }
    assert_raises(ArgumentError) { client.get("/", cancel: true) }
    assert_raises(ArgumentError) { client.send_all("/") }
    assert_raises(ArgumentError) { client.send_all(["/"], parallel: "2") }
  end

  def test_a_time_beyond_the_maximum_becomes_the_maximum
    assert_predicate client_of(serve, deadline: 1e30).get("/", timeout: 1e300, retry_statuses: 503), :ok?
  end

  def test_the_error_for_a_setting_contains_no_value
    error = assert_raises(SAC::InvalidHeader) { SAC::Client.new("http://127.0.0.1:1").add_header("X-Key", "s3cret\n") }
    assert_match(/X-Key/, error.message)
    refute_match(/s3cret/, error.message)
    assert_equal [:invalid_header, nil, 0], [error.code, error.response, error.status]
  end

  def test_a_rate_limit_is_shared_with_scopes
    client = client_of(serve, rate_limit: { requests: 1, per: 3600 })
    assert_predicate client.get("/"), :ok?
    response = client.scope.get("/", deadline: 1)
    assert_equal [:rate_limited, 0], [response.code, response.attempts]
  end

  def test_every_setting_can_be_read
    client = SAC::Client.new("http://ada:s3cret@127.0.0.1:1/v1", **ALL)
    assert_equal(ALL, ALL.to_h { |name, _| [name, client.public_send(name)] })
    assert_equal "http://127.0.0.1:1/v1", client.base_url
    secret = %i[client_certificate_pem client_certificate_password]
    SAC::Setting::OF_CLIENTS.each_key { |name| assert_respond_to client, name unless secret.include?(name) }
    [:bearer, :basic, *secret].each { |name| refute_respond_to client, name }
    callable = ->(_) {}
    logger = Logger.new(StringIO.new, level: :warn)
    client.configure(on_retry: callable, symbolize_names: true, logger: logger)
    assert_equal [callable, true, logger, :warn], [client.on_retry, client.symbolize_names, client.logger, client.log_level]
    assert_nil client.configure(on_retry: nil).on_retry
    assert_nil client.set_logger(nil).logger
  end

  def test_a_setting_of_a_scope_does_not_change_another
    client = SAC::Client.new("http://127.0.0.1:1", timeout: 5, cookie_jar: true)
    scope = client.scope(timeout: 6)
    client.retries = 2
    assert_equal [5, 6, 2, 0, true], [client.timeout, scope.timeout, client.retries, scope.retries, scope.cookie_jar]
    assert_raises(ArgumentError) { client.timeout = -1 }
    assert_equal 5, client.timeout
  end

  def test_no_secret_can_be_read
    client = SAC::Client.new("http://127.0.0.1:1", proxy: "http://ada:s3cret@127.0.0.1:2")
    assert_equal "http://127.0.0.1:2", client.proxy
    refute_match(/s3cret/, client.configure(bearer: "s3cret", basic: %w[s3cret s3cret]).instance_variable_get(:@settings).inspect)
  end

  def test_the_defaults_are_those_of_the_library
    client = SAC::Client.new("http://127.0.0.1:1")
    plain = %i[verify min_tls cookie_jar user_agent].map { |name| client.public_send(name) }
    assert_equal [true, "1.2", false, "libsac/#{SAC.library_version}"], plain
    assert_equal [nil, nil], [client.proxy, client.deadline]
    header = File.expand_path("../../include/sac.h", ROOT)
    skip "sac.h is not here: this is only the gem" unless File.exist?(header)
    text = File.read(header, encoding: "UTF-8")
    documented = { timeout: "default is 30000", connect_timeout: "default is 10000", retries: "0, the default",
                   backoff: "defaults are 100 and 20000", retry_statuses: "default is 429, 500, 502, 503, 504",
                   retry_after_max: "default is 120000", max_body_bytes: "default is 268435456", redirects: "default is 10",
                   connection_max_age: "default is 300000" }
    documented.each do |name, default|
      setting = SAC::Setting::ALL.fetch(name)
      comment = text[%r{/\*\*(?:(?!\*/).)*\*/\s*sac_code #{setting.client_function}\(}m].gsub(/\s+\*?\s*/, " ")
      assert_includes comment, default, name
      assert_equal default.scan(/\d+/).map(&:to_i), numbers(setting), name
    end
  end

  def numbers(setting)
    default = setting.default
    return default if default.is_a?(Array)

    setting.for_client(default).drop(1)
  end
end
