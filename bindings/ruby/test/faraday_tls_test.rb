# frozen_string_literal: true

require "sac/faraday"
require "tmpdir"
require_relative "helper"
require_relative "support/secure_server"

# Faraday's TLS options.
class FaradayTLSTest < SACTest
  include SecureServer

  STRICT = OpenSSL::SSL::VERIFY_PEER | OpenSSL::SSL::VERIFY_FAIL_IF_NO_PEER_CERT
  # The options depend on Faraday's version.
  KNOWN = Faraday::SSLOptions.members.map(&:to_sym)

  def setup
    @server = serve_securely
    @folder = Dir.mktmpdir
    @ca_file = "#{@folder}/ca.pem"
    File.write(@ca_file, certificate.to_pem)
  end

  def teardown
    super
    FileUtils.rm_r(@folder)
  end

  def status(url = @server.url, **ssl)
    Faraday.new(url, ssl: ssl.slice(*KNOWN), request: { timeout: TIMEOUT }) { |faraday| faraday.adapter :sac }.get("/").status
  end

  def assert_refused(word, **ssl)
    return unless (ssl.keys - KNOWN).empty?

    error = assert_raises(Faraday::SSLError, ssl.keys.inspect) { status(**ssl) }
    assert_includes error.message, word
  end

  def store
    OpenSSL::X509::Store.new
  end

  def test_verification_follows_the_options_of_faraday
    assert_equal 200, status(verify: false)
    assert_equal 200, status(verify_mode: OpenSSL::SSL::VERIFY_NONE)
    assert_equal 200, status(verify: false, verify_hostname: false, verify_depth: 1, cert_store: store, ca_path: "/nowhere")
    assert_raises(Faraday::SSLError) { status }
    assert_raises(Faraday::SSLError) { status(verify: false, verify_mode: OpenSSL::SSL::VERIFY_PEER) }
  end

  def test_authorities_come_from_a_file_a_folder_or_a_store
    hashed = "#{@folder}/#{format('%08x', certificate.subject.hash)}.0"
    File.symlink("ca.pem", hashed)
    assert_equal 200, status(ca_file: @ca_file)
    assert_equal 200, status(ca_path: @folder)
    assert_equal 200, status(cert_store: store.add_cert(certificate))
    assert_equal 200, status(cert_store: store.tap { |filled| filled.add_file(@ca_file) })
    assert_equal 200, status(cert_store: store.tap { |filled| filled.add_path(@folder) })
    combined = store.tap(&:set_default_paths).tap { |filled| filled.add_cert(certificate) }
    assert_equal 200, status(cert_store: combined)
  end

  def test_a_store_is_read_again_for_each_request
    filled = store.tap(&:set_default_paths)
    faraday = Faraday.new(@server.url, ssl: { cert_store: filled }) { |f| f.adapter :sac }
    assert_raises(Faraday::SSLError) { faraday.get("/") }
    filled.add_cert(certificate)
    assert_equal 200, faraday.get("/").status
  end

  def test_a_source_without_certificates_trusts_nobody
    File.rename(@ca_file, "#{@folder}/other.pem")
    assert_refused("no certificate", ca_path: @folder)
    assert_refused("/nowhere", ca_path: "/nowhere")
    assert_raises(Faraday::SSLError) { status(ca_file: "/nowhere") }
    assert_raises(Faraday::SSLError) { status(cert_store: store.tap(&:set_default_paths)) }
    assert_raises(Faraday::SSLError) { status(cert_store: OpenSSL::SSL::SSLContext::DEFAULT_CERT_STORE) }
    assert_refused("cert_store", cert_store: store)
    File.write(@ca_file, "no PEM")
    assert_raises(Faraday::SSLError) { status(ca_file: @ca_file) }
  end

  def test_a_stricter_store_is_refused
    strict = { "flags" => ->(filled) { filled.flags = OpenSSL::X509::V_FLAG_CRL_CHECK },
               "time=" => ->(filled) { filled.time = Time.now },
               "verify_callback=" => ->(filled) { filled.verify_callback = ->(ok, _) { ok } } }
    strict.each do |name, make_strict|
      assert_refused(name, cert_store: store.add_cert(certificate).tap(&make_strict))
    end
    lax = store.add_cert(certificate).tap { |filled| filled.flags = OpenSSL::X509::V_FLAG_PARTIAL_CHAIN }
    assert_equal 200, status(cert_store: lax)
  end

  def test_client_certificates_can_be_objects_texts_or_chains
    strict = serve_securely(verify_mode: STRICT).url
    assert_raises(Faraday::Error) { status(strict, ca_file: @ca_file) }
    [certificate, [certificate], [certificate, certificate], certificate.to_pem].each do |chain|
      assert_equal 200, status(strict, ca_file: @ca_file, client_cert: chain, client_key: KEY)
      assert_equal 200, status(strict, ca_file: @ca_file, client_cert: chain, client_key: KEY.to_pem)
    end
    assert_equal 200, status(strict, ca_file: @ca_file, certificate: certificate, private_key: KEY)
    assert_refused("client_key", ca_file: @ca_file, client_cert: certificate)
    assert_raises(Faraday::SSLError) { status(ca_file: @ca_file, client_cert: "no PEM", client_key: "no PEM") }
  end

  def test_versions_can_be_symbols_texts_or_numbers
    [:TLS1_2, :TLSv1_2, "TLSv1.2", OpenSSL::SSL::TLS1_2_VERSION, :TLS1, OpenSSL::SSL::TLS1_3_VERSION].each do |version|
      assert_equal 200, status(ca_file: @ca_file, min_version: version)
    end
    [:TLSv1_2, "TLSv1_2", :TLSv1_2_client, :SSLv23, :TLS].each do |version|
      assert_equal 200, status(ca_file: @ca_file, version: version)
    end
    assert_equal 200, status(ca_file: @ca_file, max_version: :TLS1_3)
    assert_raises(ArgumentError) { status(ca_file: @ca_file, min_version: "TLS9") }
  end

  def test_the_minimum_version_is_enforced
    context = OpenSSL::SSL::SSLContext.new
    context.cert = certificate
    context.key = KEY
    context.max_version = OpenSSL::SSL::TLS1_2_VERSION
    old = serve(tls: context).url
    assert_equal 200, status(old, ca_file: @ca_file, min_version: :TLS1_2)
    [:TLS1_3, "TLSv1.3", OpenSSL::SSL::TLS1_3_VERSION].each do |version|
      assert_raises(Faraday::SSLError) { status(old, ca_file: @ca_file, min_version: version) }
      assert_raises(Faraday::SSLError) { status(old, ca_file: @ca_file, version: version) } unless version.is_a?(Integer)
    end
  end

  def test_the_error_names_an_unsupported_option
    assert_refused("verify_hostname", ca_file: @ca_file, verify_hostname: false)
    assert_refused("verify_depth", ca_file: @ca_file, verify_depth: 2)
    assert_refused("max_version", ca_file: @ca_file, max_version: :TLS1_2)
    assert_refused("version TLSv1_1", ca_file: @ca_file, version: :TLSv1_1)
    assert_refused("ciphers", ca_file: @ca_file, ciphers: "ALL")
    assert_refused("hostname", ca_file: @ca_file, hostname: "example.com")
  end

  def test_without_tls_no_tls_option_is_refused
    plain = serve.url
    ssl = { verify_hostname: false, ciphers: "ALL", verify_depth: 1, cert_store: store, ca_path: "/nowhere", ca_file: "/nowhere",
            version: :SSLv3, min_version: "TLS9", max_version: :TLS1, client_cert: "none" }
    assert_equal 200, status(plain, **ssl)
  end
end
