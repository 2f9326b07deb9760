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
  # for each origin, with connections of its own. Redirects are left to Faraday, unless `redirects` is
  # set. Proxies and client certificates are refused.
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
    SERVED_SSL = %i[verify verify_mode verify_hostname ca_file min_version].freeze
    private_constant :ANSWERED, :ERRORS, :VERIFY_NONE, :FRAMING, :TLS_NAMES, :SERVED_SSL

    def initialize(app = nil, options = {}, &block)
      super
      @clients = {}
      @lock = Mutex.new
    end

    # The client for a request.
    def build_connection(env)
      refuse_unserved(env)
      key = [origin(env[:url]), client_settings(env)]
      @lock.synchronize { @clients[key] ||= make_client(*key) }
    end

    def call(env)
      super
      response = connection(env) { |client| send_request(client, env) }
      whole = ANSWERED.include?(response.code) && response.status.positive?
      raise ERRORS[response.code], response.exception unless whole

      save_response(env, response.status, body_of(response, env), response.headers.to_h)
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
      client.request(env[:method].to_s.upcase, env[:url].request_uri, **request_options(env))
    end

    def request_options(env)
      headers = env[:request_headers]
      options = { headers: headers.reject { |name, _| FRAMING.include?(name.downcase) } }
      bytes = env[:body].respond_to?(:read) ? env[:body].read : env[:body]
      options[:body] = [bytes, headers["Content-Type"] || Plan::OCTETS] if bytes && !bytes.empty?
      options.merge(env[:request].to_h.slice(:timeout, :read_timeout).compact)
    end

    # A whole body is one piece of itself.
    def body_of(response, env)
      return response.body unless env[:request].stream_response?

      env[:request].on_data.call(response.body, response.body.bytesize)
      nil
    end

    def origin(url)
      "#{url.scheme}://#{url.host}:#{url.port}"
    end

    def client_settings(env)
      ssl = env[:ssl].to_h.compact
      settings = { connect_timeout: env[:request][:open_timeout], ca_file: ssl[:ca_file] }.compact
      settings[:verify] = false if ssl[:verify] == false || ssl[:verify_mode] == VERIFY_NONE
      settings[:min_tls] = tls_version(ssl[:min_version]) if ssl[:min_version]
      settings
    end

    def tls_version(name)
      TLS_NAMES.fetch(name.to_s.upcase.tr(".", "_")) { raise ArgumentError, "no such version of TLS: #{name}" }
    end

    def refuse_unserved(env)
      raise ::Faraday::ConnectionFailed, "proxies are not served" if env[:request][:proxy]

      unserved = env[:ssl].to_h.compact.keys - SERVED_SSL
      raise ArgumentError, "not served: #{unserved.join(', ')}" unless unserved.empty?
    end
  end

  ::Faraday::Adapter.register_middleware(sac: FaradayAdapter)
end
