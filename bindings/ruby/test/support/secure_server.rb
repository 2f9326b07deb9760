# frozen_string_literal: true

require "openssl"

# A server with TLS and a self-signed certificate.
module SecureServer
  KEY = OpenSSL::PKey::EC.generate("prime256v1")

  def certificate
    @certificate ||= OpenSSL::X509::Certificate.new.tap do |cert|
      cert.version = 2
      cert.serial = 1
      cert.subject = cert.issuer = OpenSSL::X509::Name.parse("/CN=localhost")
      cert.public_key = KEY
      cert.not_before = Time.now - 60
      cert.not_after = Time.now + 3600
      extensions = OpenSSL::X509::ExtensionFactory.new(cert, cert)
      cert.add_extension(extensions.create_extension("basicConstraints", "CA:TRUE", true))
      cert.add_extension(extensions.create_extension("subjectAltName", "DNS:localhost,DNS:example.com"))
      cert.sign(KEY, "SHA256")
    end
  end

  def tls_context(verify_mode: OpenSSL::SSL::VERIFY_NONE)
    OpenSSL::SSL::SSLContext.new.tap do |context|
      context.verify_mode = verify_mode
      context.cert_store = OpenSSL::X509::Store.new.add_cert(certificate)
      context.cert = certificate
      context.key = KEY
    end
  end

  def serve_securely(**options, &respond)
    serve(tls: tls_context(**options), &respond)
  end
end
