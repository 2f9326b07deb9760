# frozen_string_literal: true

# Runs Faraday's own examples for adapters over real connections. EXAMPLES is the `spec` folder of Faraday, and
# ADAPTER is `sac` or `net_http`. The names example.com and env-proxy.com lead to StubServer.

require "faraday"
require "json"
require "tempfile"
require_relative "stub_server"
require "#{ENV.fetch('EXAMPLES')}/external_adapters/faraday_specs_setup"
require_relative "file_examples"

ADAPTER = ENV.fetch("ADAPTER").to_sym
require "sac/faraday" if ADAPTER == :sac

# A stub that times out is a server that accepts no connection, so the request is counted here.
WebMock::RequestStub.prepend(Module.new do
  def to_timeout
    super.tap do
      RSpec.current_example.metadata[:server].stop_accepting
      signature = WebMock::RequestSignature.new(request_pattern.method_pattern.to_s, request_pattern.uri_pattern.to_s)
      WebMock::RequestRegistry.instance.requested_signatures.put(signature)
    end
  end
end)

# The examples of Faraday 2 set this option, which Faraday 1 does not have.
Faraday::SSLOptions.attr_accessor(:verify_hostname) unless Faraday::SSLOptions.method_defined?(:verify_hostname)

proxied = 0

RSpec.configure do |config|
  # WebMock must not replace Net::HTTP.
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
    raise "the proxy received no request" if ENV["https_proxy"] && proxied.zero?
  end
end

RSpec.describe Faraday::Adapter.lookup_middleware(ADAPTER) do
  features :request_body_on_query_methods, :reason_phrase_parse, :compression, :streaming, :trace_method,
           :skip_response_body_on_head, *(:parallel if described_class.supports_parallel?)

  it_behaves_like "an adapter"
  it_behaves_like "an adapter that sends files" if defined?(Faraday::FilePart)
end
