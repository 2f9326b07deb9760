# frozen_string_literal: true

require "tmpdir"
require_relative "helper"
require_relative "support/secure_server"

# Proxies, Unix sockets, cookies and client certificates.
class RouteTest < SACTest
  include SecureServer

  def test_a_proxy_gets_the_full_url
    proxy = serve
    client = SAC::Client.new("http://api.example.com", proxy: proxy.url)
    assert_predicate client.get("/v1"), :ok?
    assert_equal "http://api.example.com/v1", proxy.requests.last.path
    assert_raises(SAC::InvalidURL) { client.proxy = "gopher://127.0.0.1" }
  end

  def test_the_proxy_of_the_environment_can_be_turned_off
    server = serve
    before = ENV.fetch("http_proxy", nil)
    ENV["http_proxy"] = "http://127.0.0.1:1"
    refute_predicate SAC::Client.new(server.url).get("/"), :ok?
    assert_predicate SAC::Client.new(server.url, proxy: false).get("/"), :ok?
  ensure
    ENV["http_proxy"] = before
  end

  def test_cookies_are_kept_if_there_is_a_cookie_jar
    server = serve { Server.response(headers: { "Set-Cookie" => "seen=1; Path=/" }) }
    [[true, "seen=1"], [false, nil]].each do |keep, sent|
      client = client_of(server, cookie_jar: keep)
      2.times { client.get!("/") }
      sent.nil? ? assert_nil(server.requests.last.headers["cookie"]) : assert_equal(sent, server.requests.last.headers["cookie"])
    end
  end

  def test_a_unix_socket_connects_to_a_server
    Dir.mktmpdir do |folder|
      server = UNIXServer.new("#{folder}/api.sock")
      server_thread = Thread.new do
        connection = server.accept
        request = connection.gets
        nil until connection.gets.chomp.empty?
        connection.write(Server.response)
        request
      end
      assert_predicate SAC::Client.new("http://docker/v1", unix_socket: "#{folder}/api.sock").get("/info"), :ok?
      assert_equal "GET /v1/info HTTP/1.1\r\n", server_thread.value
    end
  end

  def test_a_client_certificate_is_sent
    server = serve_securely(verify_mode: OpenSSL::SSL::VERIFY_PEER | OpenSSL::SSL::VERIFY_FAIL_IF_NO_PEER_CERT)
    trusting = { ca_pem: certificate.to_pem }
    pems = [certificate.to_pem, KEY.to_pem]
    refute_predicate client_of(server, **trusting).get("/"), :ok?
    assert_predicate client_of(server, **trusting, client_certificate_pem: pems).get("/"), :ok?
    Dir.mktmpdir do |folder|
      files = %w[cert key].zip(pems).map { |name, pem| "#{folder}/#{name}".tap { |path| File.write(path, pem) } }
      assert_predicate client_of(server, **trusting, client_certificate: files).get("/"), :ok?
    end
  end

  def test_an_encrypted_key_needs_its_password
    server = serve_securely(verify_mode: OpenSSL::SSL::VERIFY_PEER | OpenSSL::SSL::VERIFY_FAIL_IF_NO_PEER_CERT)
    encrypted = IO.popen(%w[openssl pkcs8 -topk8 -passout pass:s3cret], "r+") do |openssl|
      openssl.write(KEY.to_pem)
      openssl.close_write
      openssl.read
    end
    given = { ca_pem: certificate.to_pem, client_certificate_pem: [certificate.to_pem, encrypted] }
    assert_raises(SAC::CertificateError) { client_of(server, **given) }
    # In any order.
    client = client_of(server, **given, client_certificate_password: "s3cret")
    assert_predicate client.get("/"), :ok?
    refute_respond_to client, :client_certificate_password
    refute_includes client.inspect, "s3cret"
  end
end
