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
  # It takes the settings of {Client#configure}, and a block that gets each {Client} the adapter makes:
  # one for each origin, proxy and set of TLS options. Redirects are left to Faraday unless `redirects`
  # is set, and so is the choice of the proxy.
  #
  # It behaves as Faraday's `net_http`, with these differences:
  #
  # - `timeout` limits the whole attempt, besides connecting and the silence of the server. `write_timeout`
  #   has no effect.
  # - TLS options that the library does not support raise `Faraday::SSLError`, over https alone: they are
  #   `verify_hostname: false` without `verify: false`, `verify_depth`, `ciphers`, `hostname`, a
  #   `max_version` below TLS 1.3 and a `version` below 1.2. With `version: :TLSv1_2` TLS 1.3 may be used.
  #   A `ca_file` replaces the authorities of the system.
  # - A `cert_store` has to be filled after this file was loaded: OpenSSL does not tell what is in one.
  # - While `on_data` gets the pieces of a body, the status of its third argument is 200 for any of 200 to
  #   299, and there are no header fields. Other answers, and those to requests with `Range`, come as one
  #   piece, with their status.
  # - A body that is read, and that is no file, is copied to a temporary file first.
  # - A compressed body is decompressed, and `Content-Encoding` removed, also if the program has set
  #   `Accept-Encoding` itself.
  # - Values of header fields are UTF-8: what is no UTF-8 is read as ISO 8859-1.
  # - A body that ends before its `Content-Length` raises `Faraday::ConnectionFailed`; net_http returns what came.
  # - A body whose type names no charset is of binary encoding, if it is empty or ASCII too.
  #
  # Errors are Faraday's. A request that the library refuses raises `ArgumentError`. `in_parallel` sends with
  # {Client#send_all}; for more than four requests at once, give it
  # `SAC::FaradayAdapter.setup_parallel_manager(parallel: 16)`.
  class FaradayAdapter < ::Faraday::Adapter
    self.supports_parallel = true

    # Codes of calls that brought a whole response. A proxy's is 407.
    ANSWERED = %i[ok status rate_limited not_json proxy].freeze
    # As net_http: only silence is limited, and nothing is retried or followed.
    DEFAULTS = { timeout: nil, read_timeout: 60, redirects: 0 }.freeze
    # The library undoes deflate too, and does not ask for it: two formats have that name. Faraday's adapters ask.
    FIELDS = { "Accept" => "*/*", "Accept-Encoding" => "gzip, br, zstd, deflate" }.freeze
    # Those that the library sets itself, or has a setting for.
    FRAMING = %w[content-length keep-alive].freeze
    private_constant :ANSWERED, :DEFAULTS, :FIELDS, :FRAMING

    # @param options see {Parallel#initialize}
    # @return [Parallel] for Faraday's `in_parallel`
    def self.setup_parallel_manager(**options)
      Parallel.new(**options)
    end

    # @param app of no account: an adapter is the last of a stack
    # @param options [Hash] settings of {Client#configure}
    # @yieldparam client [Client] each one that is made
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
      job = Parallel::Job.new(self, env, key(env), Body.new(env[:body], env[:request_headers]["Content-Type"]))
      env[:parallel_manager].is_a?(Parallel) ? env[:parallel_manager].add(job) : run(job)
      @app.call(env)
    end

    # Closes the clients; the next request makes new ones.
    def close
      @clients.close
    end

    # Sends a request, and completes its response.
    #
    # @param job [Parallel::Job]
    # @api private
    def run(job)
      output = Output.new(job.env) if job.env[:request].stream_response?
      response = @clients.use(job.key) do |client|
        verb, path, options = request(job)
        client.request(verb, path, **options, &output&.block)
      end
      complete(job.env, response, output)
    ensure
      job.body.close
    end

    # Sends requests of one client at once.
    #
    # @param jobs [Array<Parallel::Job>]
    # @yieldparam job [Parallel::Job] each one, with what completes its response
    # @api private
    def run_all(jobs, parallel)
      responses = @clients.use(jobs.first.key) do |client|
        client.send_all(jobs.map { |job| request(job) }, parallel: parallel)
      end
      jobs.zip(responses) { |job, response| yield -> { complete(job.env, response) } }
    ensure
      jobs.each { |job| job.body.close }
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

    # What a client is made from. Its first member is the origin.
    def key(env)
      url = env[:url]
      ["#{url.scheme}://#{url.host}:#{url.port}", proxy_url(env[:request][:proxy]),
       url.scheme == "https" ? TLS.options(env[:ssl].to_h) : {}]
    end

    # The arguments of {Client#request}.
    def request(job)
      env = job.env
      options = { **job.body.options, **connection_options(env), **times(env[:request]) }
      options[:headers] = env[:request_headers].filter_map do |name, value|
        [name, value.is_a?(String) ? value.strip : value] unless unsent?(name.downcase, value.to_s.strip.downcase, options)
      end
      [env[:method].to_s.upcase, env[:url].request_uri, options]
    end

    def unsent?(name, value, options)
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

    def times(options)
      { timeout: options[:timeout], connect_timeout: request_timeout(:open, options),
        read_timeout: request_timeout(:read, options) }.compact
    end

    def complete(env, response, output = nil)
      raise failure(env, response) unless ANSWERED.include?(response.code) && response.status.positive?

      headers = response.headers.to_h
      body = output ? output.finish(response, headers) : text(response)
      save_response(env, response.status, body, headers, response.reason)
      env.response.finish(env) if env.parallel?
    end

    # In the charset of the answer, as net_http of Faraday 2 has it.
    def text(response)
      charset = response.named_charset
      charset ? response.body.dup.force_encoding(charset) : response.body
    end

    def failure(env, response)
      # There is no response to pieces of a body that were handed over.
      env.status = nil
      # Faraday's errors show the backtrace of what they wrap, which nobody has raised.
      error = response.exception.tap { |exception| exception.set_backtrace(caller) }
      case error
      when Timeout then ::Faraday::TimeoutError.new(error)
      when TLSError, CertificateError then ::Faraday::SSLError.new(error)
      when InputError then ArgumentError.new(error.message)
      else ::Faraday::ConnectionFailed.new(error)
      end
    end

    # Faraday has looked at the environment already.
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
