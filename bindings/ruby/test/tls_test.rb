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
