# frozen_string_literal: true

# Faraday's own examples for adapters, over real connections. EXAMPLES is the `spec` folder of Faraday,
# ADAPTER is `sac` or `net_http`; the names example.com and env-proxy.com lead to StubServer.

require "faraday"
require "json"
require "tempfile"
require_relative "stub_server"
require "#{ENV.fetch('EXAMPLES')}/external_adapters/faraday_specs_setup"

ADAPTER = ENV.fetch("ADAPTER").to_sym
require "sac/faraday" if ADAPTER == :sac

# A stub that times out is a server that lets nobody in. So the request is counted here.
WebMock::RequestStub.prepend(Module.new do
  def to_timeout
    super.tap do
      RSpec.current_example.metadata[:server].deafen
      signature = WebMock::RequestSignature.new(request_pattern.method_pattern.to_s, request_pattern.uri_pattern.to_s)
      WebMock::RequestRegistry.instance.requested_signatures.put(signature)
    end
  end
end)

# Faraday 1 has no such option, which the examples of Faraday 2 set.
Faraday::SSLOptions.attr_accessor(:verify_hostname) unless Faraday::SSLOptions.method_defined?(:verify_hostname)

proxied = 0

RSpec.configure do |config|
  # The setup has WebMock take the place of Net::HTTP.
  config.before(:suite) do
    WebMock.disable!
    ENV["SSL_VERIFY_HOSTNAME"] = "yes"
    authority = Tempfile.create("authority") << StubServer::AUTHORITY.certificate.to_pem
    authority.close
    ENV["SSL_FILE"] = authority.path
  end

  config.around do |example|
    example.metadata[:server] = server = StubServer.new
    example.run
    proxied += server.proxied
  ensure
    example.metadata.delete(:server).close
  end

  config.after(:suite) do
    File.unlink(ENV.fetch("SSL_FILE"))
    raise "no request came to the proxy" if ENV["https_proxy"] && proxied.zero?
  end
end

RSpec.describe Faraday::Adapter.lookup_middleware(ADAPTER) do
  features :request_body_on_query_methods, :reason_phrase_parse, :compression, :streaming, :trace_method,
           :skip_response_body_on_head, *(:parallel if described_class.supports_parallel?)

  it_behaves_like "an adapter"
end
