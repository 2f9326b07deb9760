# frozen_string_literal: true

require "faraday"
require "sac"

module SAC # rubocop:disable Style/Documentation
  # An adapter for Faraday:
  #
  #     require "sac/faraday"
  #     Faraday.new("https://api.example.com") { |f| f.adapter :sac, retries: 3 }
  #
  # It takes the settings of {Client#configure}, and a block that is given each {Client} it makes: one
  # for each origin and way to it, with connections of its own. Redirects are left to Faraday, unless
  # `redirects` is set, and so is which proxy is taken.
  class FaradayAdapter < ::Faraday::Adapter
    # Codes of calls that brought a whole response, which Faraday wants whatever it says.
    ANSWERED = %i[ok status rate_limited not_json].freeze
    ERRORS = Hash.new(::Faraday::ConnectionFailed)
                 .update(timeout: ::Faraday::TimeoutError, tls: ::Faraday::SSLError,
                         certificate: ::Faraday::SSLError).freeze
    # As OpenSSL numbers it, which need not be loaded.
    VERIFY_NONE = 0
    # What the library sets itself, from the body.
    FRAMING = %w[content-length content-type].freeze
    TLS_NAMES = { "TLS1_2" => "1.2", "TLSV1_2" => "1.2", "TLS1_3" => "1.3", "TLSV1_3" => "1.3" }.freeze
    SERVED_SSL = %i[verify verify_mode verify_hostname ca_file min_version client_cert client_key].freeze
    private_constant :ANSWERED, :ERRORS, :VERIFY_NONE, :FRAMING, :TLS_NAMES, :SERVED_SSL

    def initialize(app = nil, options = {}, &block)
      super
      @clients = {}
      @lock = Mutex.new
    end

    # The client for a request.
    def build_connection(env)
      key = [origin(env[:url]), client_settings(env[:request], env[:ssl].to_h.compact)]
      @lock.synchronize { @clients[key] ||= make_client(*key) }
    end

    def call(env)
      super
      response = connection(env) { |client| send_request(client, env) }
      whole = ANSWERED.include?(response.code) && response.status.positive?
      raise ERRORS[response.code], response.exception unless whole

      save_response(env, response.status, response.body, response.headers.to_h, response.reason)
      @app.call(env)
    end

    # Closes the clients; the next request makes new ones.
    def close
      @lock.synchronize { @clients.each_value(&:close).clear }
    end

    private

    def make_client(origin, settings)
      client = Client.new(origin, redirects: 0, **settings, **@connection_options)
      @config_block&.call(client)
      client
    end

    def send_request(client, env)
      client.request(env[:method].to_s.upcase, env[:url].request_uri, **request_options(env), &output(env))
    end

    # What takes the body piece by piece, where Faraday has something that does.
    def output(env)
      return unless env[:request].stream_response?

      received = 0
      ->(bytes) { env[:request].on_data.call(bytes, received += bytes.bytesize) }
    end

    def request_options(env)
      headers = env[:request_headers]
      options = { headers: headers.reject { |name, _| FRAMING.include?(name.downcase) } }
      bytes = env[:body].respond_to?(:read) ? env[:body].read : env[:body]
      options[:body] = [bytes, headers["Content-Type"] || Plan::OCTETS] if bytes && !bytes.empty?
      options.merge(env[:request].to_h.slice(:timeout, :read_timeout).compact)
    end

    def origin(url)
      "#{url.scheme}://#{url.host}:#{url.port}"
    end

    def client_settings(request, ssl)
      settings = { connect_timeout: request[:open_timeout] }.compact
      { proxy: proxy_url(request[:proxy]), **settings, **tls_settings(ssl) }
    end

    def tls_settings(ssl)
      unserved = ssl.keys - SERVED_SSL
      raise ArgumentError, "not served: #{unserved.join(', ')}" unless unserved.empty?

      settings = ssl.slice(:ca_file)
      settings[:verify] = false if ssl[:verify] == false || ssl[:verify_mode] == VERIFY_NONE
      settings[:min_tls] = tls_version(ssl[:min_version]) if ssl[:min_version]
      settings[:client_certificate_pem] = ssl.values_at(:client_cert, :client_key).map { |part| pem(part) } if ssl[:client_cert]
      settings
    end

    # Faraday has looked at the environment already.
    def proxy_url(proxy)
      return false unless proxy

      url = proxy[:uri].dup
      url.user, url.password = proxy.values_at(:user, :password).map { |text| text && URI.encode_www_form_component(text) }
      url.to_s
    end

    def tls_version(name)
      TLS_NAMES.fetch(name.to_s.upcase.tr(".", "_")) { raise ArgumentError, "no such version of TLS: #{name}" }
    end

    # From an object of OpenSSL's, or the text itself.
    def pem(value)
      value.respond_to?(:to_pem) ? value.to_pem : value
    end
  end

  ::Faraday::Adapter.register_middleware(sac: FaradayAdapter)
end
