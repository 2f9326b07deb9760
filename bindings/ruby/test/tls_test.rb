# frozen_string_literal: true

require "tempfile"
require_relative "helper"
require_relative "support/secure_server"

class TLSTest < SACTest
  include SecureServer

  def test_an_unknown_certificate_is_refused
    error = assert_raises(SAC::TLSError) { client_of(serve_securely).get!("/") }
    assert_equal :tls, error.code
  end

  def test_a_trusted_certificate_can_come_from_memory_or_a_file
    server = serve_securely
    assert_predicate client_of(server, ca_pem: certificate.to_pem).get("/"), :ok?
    Tempfile.create do |file|
      file.write(certificate.to_pem)
      file.close
      assert_predicate client_of(server, ca_file: file.path, min_tls: "1.3").get("/"), :ok?
    end
  end

  def test_only_a_server_with_a_pinned_key_is_accepted
    digest = OpenSSL::Digest::SHA256.digest(KEY.public_to_der)
    right, wrong = [digest, "x" * 32].map { |bytes| "sha256//#{[bytes].pack('m0')}" }
    client = client_of(serve_securely, ca_pem: certificate.to_pem, pinned_keys: wrong)
    error = assert_raises(SAC::TLSError) { client.get!("/") }
    assert_includes error.message, "has the key #{right}, which is not one of the pinned keys"
    ["#{wrong};#{right}", nil].each do |pins|
      client.pinned_keys = pins
      assert_predicate client.get("/"), :ok?, "pins: #{pins}"
    end
    assert_raises(SAC::InvalidArgument) { client.pinned_keys = "sha256//x" }
  end

  def test_verification_can_be_turned_off
    assert_predicate client_of(serve_securely, verify: false).get("/"), :ok?
    assert_predicate client_of(serve_securely).get("/", verify: false), :ok?
  end

  def test_a_response_describes_its_tls_session
    tls = client_of(serve_securely, ca_pem: certificate.to_pem).get("/").tls
    assert_equal ["TLS 1.3", false, [certificate.to_der]],
                 [tls[:version], tls[:resumed], tls[:certificates].map { |der| der.unpack1("m") }]
    assert_nil client_of(serve).get("/").tls
  end

  def test_nil_does_not_turn_verification_off
    assert_equal :tls, client_of(serve_securely, verify: nil).get("/").code
    assert_equal :tls, client_of(serve_securely).get("/", verify: nil).code
  end
end
