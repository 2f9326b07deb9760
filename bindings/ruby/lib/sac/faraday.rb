# frozen_string_literal: true

require "faraday"
require "sac"
require_relative "faraday/body"
require_relative "faraday/clients"
require_relative "faraday/output"
require_relative "faraday/parallel"
require_relative "faraday/tls"

module SAC # rubocop:disable Style/Documentation
  # An adapter for Faraday:
  #
  #     require "sac/faraday"
  #     Faraday.new("https://api.example.com") { |f| f.adapter :sac, retries: 3 }
  #
  # It accepts the settings of {Client#configure}, and a block that gets each {Client} that the adapter makes: one for
  # each origin, proxy and set of TLS options. Faraday follows redirects, unless `redirects` is set, and chooses the
  # proxy.
  #
  # Differences from Faraday's `net_http`:
  #
  # - `timeout` limits the whole attempt, not only connecting and the silence of the server. `write_timeout` has no
  #   effect.
  # - With https, TLS options that the library does not support raise `Faraday::SSLError`: `verify_hostname: false`
  #   without `verify: false`, `verify_depth`, `ciphers`, `hostname`, a `max_version` below TLS 1.3 and a `version`
  #   below 1.2. With `version: :TLSv1_2`, TLS 1.3 may be used. A `ca_file` replaces the authorities of the system.
  # - Load this file before you fill a `cert_store`, because OpenSSL cannot list the content of a store.
  # - `on_data` gets the body of a response with a status of 300 or above as one piece.
  # - A reader is sent again, for a retry by the library, only if it can `rewind`.
  # - A compressed body is decompressed, and `Content-Encoding` removed, even if the program has set `Accept-Encoding`
  #   itself.
  # - Values of header fields are UTF-8. A value that is not UTF-8 is read as ISO 8859-1.
  # - A body that ends before its `Content-Length` raises `Faraday::ConnectionFailed`; net_http returns the partial
  #   body.
  # - A body whose type names no charset has binary encoding, even if it is empty or ASCII.
  #
  # Errors are Faraday's. A request that the library refuses raises `ArgumentError`. `in_parallel` uses
  # {Client#send_all}; for more than four requests at once, pass
  # `SAC::FaradayAdapter.setup_parallel_manager(parallel: 16)`.
  class FaradayAdapter < ::Faraday::Adapter
    self.supports_parallel = true

    # Codes of calls with a complete response. For the code of a proxy, that is a 407.
    RESPONDED = %i[ok status rate_limited not_json proxy].freeze
    # As net_http: only the silence of the server is limited; no retries and no redirects.
    DEFAULTS = { timeout: nil, read_timeout: 60, redirects: 0 }.freeze
    # The library decodes deflate, but does not ask for it, because two formats have that name. Faraday's adapters ask.
    FIELDS = { "Accept" => "*/*", "Accept-Encoding" => "gzip, br, zstd, deflate" }.freeze
    # The fields that the library sets itself, or has a setting for.
    FRAMING = %w[content-length keep-alive].freeze
    private_constant :RESPONDED, :DEFAULTS, :FIELDS, :FRAMING

    # @param options see {Parallel#initialize}
    # @return [Parallel] for Faraday's `in_parallel`
    def self.setup_parallel_manager(**options)
      Parallel.new(**options)
    end

    # @param app not used, because an adapter is the last of a stack
    # @param options [Hash] settings of {Client#configure}
    # @yieldparam client [Client] each new client
    def initialize(app = nil, options = {}, &block)
      super
      @clients = Clients.new { |origin, proxy, ssl| make_client(origin, proxy, ssl) }
    end

    # The client for a request.
    def build_connection(env)
      @clients.get(key(env))
    end

    # Sends a request, or adds it to those that Faraday's `in_parallel` sends.
    def call(env)
      super
      job = Parallel::Job.new(self, env, key(env), Body.new(env[:body], env[:request_headers]))
      env[:parallel_manager].is_a?(Parallel) ? env[:parallel_manager].add(job) : run(job)
      @app.call(env)
    end

    # Closes the clients. The next request makes new ones.
    def close
      @clients.close
    end

    # Sends a request, and completes its response.
    #
    # @param job [Parallel::Job]
    # @api private
    def run(job)
      @clients.use(job.key) do |client|
        verb, path, options = request(job)
        next complete(job.env, client.request(verb, path, **options)) unless job.env[:request].stream_response?

        stream = client.stream(path, method: verb, **options)
        complete(job.env, stream.response, stream)
      ensure
        stream&.close
      end
    end

    # Sends requests of one client at once.
    #
    # @param jobs [Array<Parallel::Job>]
    # @yieldparam completion [Proc] completes the response of a job
    # @api private
    def run_all(jobs, parallel)
      responses = @clients.use(jobs.first.key) do |client|
        client.send_all(jobs.map { |job| request(job) }, parallel: parallel)
      end
      jobs.zip(responses) { |job, response| yield -> { complete(job.env, response) } }
    end

    private

    def make_client(origin, proxy, ssl)
      client = Client.new(origin, **DEFAULTS, proxy: proxy, **TLS.settings(ssl))
      FIELDS.each { |name, value| client.add_header(name, value) }
      client.configure(**@connection_options)
      @config_block&.call(client)
      client
    rescue FileError, CertificateError => e
      raise ::Faraday::SSLError, e
    rescue InputError => e
      raise ArgumentError, e.message
    end

    # The key of a client: the origin, the proxy and the TLS options.
    def key(env)
      url = env[:url]
      ["#{url.scheme}://#{url.host}:#{url.port}", proxy_url(env[:request][:proxy]),
       url.scheme == "https" ? TLS.options(env[:ssl].to_h) : {}]
    end

    # The arguments of {Client#request}.
    def request(job)
      env = job.env
      options = { **job.body.options, **connection_options(env), **timeouts(env[:request]) }
      options[:headers] = env[:request_headers].filter_map do |name, value|
        [name, value.is_a?(String) ? value.strip : value] unless skip_header?(name.downcase, value.to_s.strip.downcase, options)
      end
      [env[:method].to_s.upcase, env[:url].request_uri, options]
    end

    def skip_header?(name, value, options)
      case name
      when *FRAMING then true
      when "content-type" then options.key?(:body) || options.key?(:body_file)
      when "transfer-encoding" then value == "chunked"
      when "connection" then options.key?(:keep_alive)
      end
    end

    def connection_options(env)
      case env[:request_headers]["Connection"].to_s.strip.downcase
      when "close" then { keep_alive: false }
      when "keep-alive" then { keep_alive: true }
      else {}
      end
    end

    def timeouts(options)
      { timeout: options[:timeout], connect_timeout: request_timeout(:open, options),
        read_timeout: request_timeout(:read, options) }.compact
    end

    # @param stream [Stream, nil] for `on_data`
    def complete(env, response, stream = nil)
      raise failure(env, response.exception) unless RESPONDED.include?(response.code) && response.status.positive?

      headers = response.headers.to_h
      Output.new(env).pass(stream, headers) { |error| raise failure(env, error) } if stream
      save_response(env, response.status, stream ? +"" : text(response), headers, response.reason)
      env.response.finish(env) if env.parallel?
    end

    # In the charset of the response, as with net_http of Faraday 2.
    def text(response)
      charset = response.named_charset
      charset ? response.body.dup.force_encoding(charset) : response.body
    end

    def failure(env, error)
      # A failed call has no response, even if pieces of its body have arrived.
      env.status = nil
      # Faraday's errors show the backtrace of the error that they wrap. One that was not raised has none.
      error.set_backtrace(caller) unless error.backtrace
      case error
      when Timeout then ::Faraday::TimeoutError.new(error)
      when TLSError, CertificateError then ::Faraday::SSLError.new(error)
      when InputError then ArgumentError.new(error.message)
      else ::Faraday::ConnectionFailed.new(error)
      end
    end

    # Faraday has already read the environment.
    def proxy_url(proxy)
      return false unless proxy

      url = proxy[:uri].dup
      url.user, url.password = proxy.values_at(:user, :password).map do |text|
        text && URI.encode_www_form_component(text).gsub("+", "%20")
      end
      url.to_s
    end
  end

  ::Faraday::Adapter.register_middleware(sac: FaradayAdapter)
end
