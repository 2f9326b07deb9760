# frozen_string_literal: true

module SAC
  # A client for the API at a base URL: its headers, cookies, credentials and settings.
  #
  #     client = SAC::Client.new("https://api.example.com", bearer: token, timeout: 5, retries: 3)
  #     client.get("/v1/users/42", query: { fields: "name" })
  #
  # It may be used by any number of threads at once, setters included: a call works on the settings as
  # they were when it began. A child process may go on using its copy. To make a more specific client,
  # inherit from it.
  #
  # While a call waits, other threads run; `Timeout.timeout`, `Thread#kill` and Ctrl-C end it within
  # 100 ms. Callbacks run on the thread that makes the call.
  class Client
    # The settings that add something: the method that does, and its arguments for each one added.
    ADDED = {
      bearer: [:add_bearer, ->(token) { [[token]] }],
      basic: [:add_basic, ->(pair) { [Setting::Arguments.texts(pair)] }],
      headers: [:add_header, ->(list) { Text.fields("headers", list) }],
      cookies: [:add_cookie, ->(list) { Text.pairs("cookies", list) }]
    }.freeze
    private_constant :ADDED

    # @param base_url [String] `http://` or `https://`, a host, optionally a port and a base path
    # @param settings see {#configure}
    # @raise [InputError] where the URL or a setting is refused
    def initialize(base_url, **settings)
      url = Text.utf8(base_url)
      what = "base URL, which has to be http:// or https:// and a host, without a query"
      @handle = Handle.new(Native.made(what) { |out| Native.sac_client_new(url, out) })
      @base_url = url.sub(%r{//[^/]*@}, "//")
      @symbolize_names = false
      configure(**settings)
    end

    # A scope of its own, as {#scope} makes it.
    def initialize_copy(original)
      super
      @handle = original.on_handle { |client| Handle.new(Native.sac_client_clone(client)) }
    end

    # Makes a scope of its own, such as for one incoming request: the same connections and limits,
    # with copies of the settings, headers, cookies and credentials; from then on, what is set on one
    # does not reach the other.
    #
    # @param settings see {#configure}
    # @yieldparam scope [Client] where a block is given; closed at its end
    # @return [Client] the scope, or what the block returns
    def scope(**settings)
      copy = dup
      return copy.configure(**settings) unless block_given?

      begin
        yield copy.configure(**settings)
      ensure
        copy.close
      end
    end

    # Forgets all headers, cookies and credentials, and wipes their memory; settings stay.
    #
    # @return [self]
    def reset
      on_handle { |client| Native.sac_client_reset(client) }
      self
    end

    # Forgets credentials at once, and frees the rest when the calls under way are over. Idempotent.
    # The garbage collector does it for whoever does not. Connections close with the last scope.
    def close
      Thread.handle_interrupt(Call::NEVER) { @handle.close }
    end

    def closed?
      @handle.closed?
    end

    # Sets any number of settings. Times are in seconds, nil for no limit.
    #
    # @option settings [String] :bearer a token (RFC 6750), in place of other credentials
    # @option settings [Array(String, String)] :basic user name and password (RFC 7617)
    # @option settings [Hash] :headers fields for every request
    # @option settings [Hash] :cookies for every request
    # @option settings [Numeric] :timeout for one attempt, from name look-up to the last byte; 30
    # @option settings [Numeric] :connect_timeout for name look-up, connect and TLS together; 10
    # @option settings [Numeric] :read_timeout the longest silence of the server; none
    # @option settings [Numeric] :deadline for the whole call, retries and waits included; none
    # @option settings [Integer] :retries how many attempts may follow the first; 0
    # @option settings [Range, Array(Numeric, Numeric)] :backoff the first and the longest span before
    #   a retry; 0.1..20
    # @option settings [Array<Integer>] :retry_statuses 429, 500, 502, 503, 504
    # @option settings [Numeric] :retry_after_max the longest delay of a server that is waited for; 120
    # @option settings [#call] :on_retry is given a {Retry} before each wait; where it returns false,
    #   the call ends with what it has
    # @option settings [Hash] :rate_limit `requests:`, `per:` (seconds) and `burst:` (1), for this client
    #   and all its scopes together; nil for none
    # @option settings [Integer] :max_body_bytes the largest body accepted, 0 for any; 256 MiB in
    #   memory. A body for a file or a block has no limit unless set; one with a content coding may become
    #   at most 256 MiB, or 1000 times the bytes that came if that is more
    # @option settings [Integer] :redirects how many are followed; 10
    # @option settings [String] :user_agent nil for the default, `libsac/<version>`
    # @option settings [Boolean] :verify whether the server's certificate is verified; true, and for
    #   nil too
    # @option settings [String] :ca_file a file of certificate authorities, in place of the system's
    # @option settings [String] :ca_pem the same from memory
    # @option settings [Array(String, String)] :client_certificate files of a certificate and its key, in
    #   PEM, for servers that ask for one
    # @option settings [Array(String, String)] :client_certificate_pem the same from memory
    # @option settings [String] :min_tls `"1.2"` or `"1.3"`, the oldest version accepted
    # @option settings [Boolean] :cookie_jar whether cookies that servers set are kept and sent back; false
    # @option settings [String, false, nil] :proxy a URL (`http`, `https`, `socks4`, `socks4a`, `socks5`,
    #   `socks5h`); false for none, nil for what the environment says
    # @option settings [String] :unix_socket the path of a socket that all connections go to; nil for none
    # @option settings [Numeric] :connection_max_age how old a connection may become before it is not used
    #   for another request, and a random part of a tenth more; 300
    # @option settings [#info] :logger such as a Logger; it has to be thread-safe, as Logger is; nil for none
    # @option settings [Symbol] :log_level one of {LOG_LEVELS}; by default the logger's own level of now
    # @option settings [Boolean] :symbolize_names whether the data of responses has symbols for names
    # @return [self]
    # @raise [InputError] where a value is refused
    # @raise [ArgumentError] where a value is of no use, or there is no such setting
    def configure(log_level: nil, **settings)
      settings.each { |name, value| name == :logger ? set_logger(value, log_level) : set(name, value) }
      self
    end

    # @!method timeout=(seconds)
    #   The time for one attempt. Each setting of {#configure} that stands for one value has a setter of
    #   this form.
    [*Setting::OF_CLIENTS.keys, :bearer, :on_retry, :symbolize_names].each do |name|
      define_method(:"#{name}=") { |value| set(name, value) }
    end

    # Sets a header field for every request, or replaces it.
    #
    # @param name [String, Symbol] in any case; a symbol has underscores for hyphens
    # @return [self]
    # @raise [InvalidHeader]
    def add_header(name, value)
      apply("header #{name}", :sac_add_header, Text.field_name(name), Text.utf8(value))
    end

    # Removes a header field; one that is not there is no error.
    #
    # @return [self]
    def remove_header(name)
      apply("header #{name}", :sac_remove_header, Text.field_name(name))
    end

    # Authenticates every request with a bearer token, in place of other credentials.
    #
    # @return [self]
    def add_bearer(token)
      apply("bearer token", :sac_add_bearer, Text.utf8(token))
    end

    # Authenticates every request with a user name and a password, in place of other credentials.
    #
    # @return [self]
    def add_basic(username, password)
      apply("basic authentication", :sac_add_basic, Text.utf8(username), Text.utf8(password))
    end

    # Sends a cookie with every request, in place of one of the same name.
    #
    # @return [self]
    # @raise [InvalidCookie]
    def add_cookie(name, value)
      apply("cookie #{name}", :sac_add_cookie, Text.utf8(name), Text.utf8(value))
    end

    # Removes a cookie, signed or not; one that is not there is no error.
    #
    # @return [self]
    def remove_cookie(name)
      apply("cookie #{name}", :sac_remove_cookie, Text.utf8(name))
    end

    # Sends a signed cookie with every request, signed afresh for each attempt.
    #
    # @param payload [Hash, String] what is signed, or its JSON text; `key_id` is added to it
    # @param digest [Symbol] one of {DIGESTS}
    # @return [self]
    # @raise [InputError]
    def add_signed_cookie(name, payload, key_id:, key:, digest: :sha1)
      apply("cookie #{name}", :sac_add_signed_cookie, Text.utf8(name), SignedCookie.json_of(payload),
            Text.utf8(key_id), Text.utf8(key), SignedCookie.digest(digest))
    end

    # Has log messages sent to a logger; nil for nobody. Scopes made afterwards log there too.
    #
    # @param logger [#error, #warn, #info, #debug] has to be thread-safe, as Logger is
    # @param level [Symbol, nil] one of {LOG_LEVELS}; nil for the logger's own level of now; of no account
    #   without a logger
    # @return [self]
    def set_logger(logger, level = nil)
      level = LogTarget.level_of(logger) if level.nil? || logger.nil?
      target = logger && LogTarget.new(logger)
      number = LOG_LEVELS.fetch(level) { raise Error.for(:invalid_argument, "no such log level: #{level}") }
      @log_target = hand_over(target, "logger", :sac_set_logger, Callbacks::LOG, number)
      self
    end

    # As {#set_logger}, from the logger's own level on.
    def logger=(logger)
      set_logger(logger)
    end

    # Makes a call, and answers whatever happens: see {Response#ok?}.
    #
    # @param method [String] such as `"GET"` or `"PROPFIND"`
    # @param path [String] starts with `/` and goes behind the base path; may hold a query
    # @option options [Hash, Array, String] :query parameters; an array as a value stands for several, nil
    #   for none. A string is taken for a query that is percent-encoded already
    # @option options [Hash] :headers in place of the client's own; an array as a value stands for several
    #   that are joined by commas
    # @option options [Object] :json becomes the body as JSON
    # @option options [String] :json_text JSON that is sent as it stands
    # @option options [Hash, Array] :form becomes the body (`application/x-www-form-urlencoded`)
    # @option options [String, #read, Array(String, String)] :body bytes, or bytes and their media type;
    #   what is read is in memory meanwhile, other than with `body_file`
    # @option options [String, Array(String, String)] :body_file the path of a file, or with its media
    #   type; it is read while it is sent, and again where a retry needs that
    # @option options [Hash] :multipart becomes the body (`multipart/form-data`): a `File`, `Pathname` or
    #   {Part} is a file, anything else a plain field
    # @option options [String] :output_file where the body of the answer goes; the file appears whole or
    #   not at all, and a retry goes on where a download broke if the server lets it
    # @option options [#call] :progress is given a {Progress} after each piece of up to 128 KiB; where
    #   it returns false, the call ends
    # @option options [String] :idempotency_key lets a POST or PATCH be retried where its outcome is unknown
    # @option options [Cancel] :cancel may end the call
    # @option options [Boolean] :symbolize_names as for the client
    # @option options [Boolean] :keep_alive whether other calls may use the connection of this one; false
    #   opens a new one, sends `Connection: close` and closes it afterwards; true
    # @param options moreover, for this call alone: `timeout`, `connect_timeout`, `read_timeout`,
    #   `deadline`, `retries`, `backoff`, `retry_statuses`, `verify`, `max_body_bytes` and `redirects`, as for
    #   {#configure}
    # @return [Response]
    # @raise [ArgumentError] where an option is of no use, or there is no such option
    # @raise [ClientClosed]
    # @yieldparam bytes [String] where a block is given: the body of the answer, piece by piece, unless
    #   the status is 300 or above; the response has none of it then. Leaving the block, as by `break`,
    #   ends the call
    def request(method, path, **options, &block)
      runtime = Runtime.current
      runtime.run(call_for(runtime, method, path, options, block))
    end

    # As {#request}, and raises where not all went well.
    #
    # @return [Response]
    # @raise [Error] with the response
    def request!(method, path, **options, &block)
      request(method, path, **options, &block).or_raise
    end

    # Makes many calls, several at once, and waits for all of them. Callbacks run on the calling
    # thread, one at a time.
    #
    # @param requests [Array<String, Array>] paths to get, or method, path and options of {#request}
    # @param parallel [Integer] how many are under way at once, at most
    # @return [Array<Response>] in the order of the requests
    def send_all(requests, parallel: 4)
      raise ArgumentError, "parallel has to be positive" unless parallel.is_a?(Integer) && parallel.positive?
      raise ArgumentError, "requests have to be a list, not #{requests.class}" unless requests.is_a?(Enumerable)

      runtime = Runtime.current
      calls = requests.map do |method, path, options|
        path ? call_for(runtime, method, path, options.to_h) : call_for(runtime, "GET", method, {})
      end
      runtime.run_all(calls, parallel)
    end

    # @!method get(path, **options, &block)
    #   Gets a resource; see {#request}.
    # @!method get!(path, **options, &block)
    #   As {#get}, and raises where not all went well.
    %w[get head post put patch delete].each do |name|
      method = name.upcase.freeze
      define_method(name) { |path, **options, &block| request(method, path, **options, &block) }
      define_method(:"#{name}!") { |path, **options, &block| request(method, path, **options, &block).or_raise }
    end

    # Gets a resource that need not be JSON, for its {Response#body}.
    #
    # @return [Response]
    def get_binary(path, headers: {}, **options, &block)
      get(path, headers: { "Accept" => Plan::OCTETS, **headers.to_h }, **options, &block)
    end

    # As {#get_binary}, and raises where not all went well.
    def get_binary!(path, **options, &block)
      get_binary(path, **options, &block).or_raise
    end

    # The path to give to {#get} for a full URL of this client's origin, as it stands in a `Location`
    # or `Link` header or under `"next"`.
    #
    # @return [String]
    # @raise [InvalidURL] where it is of another origin, or not below the base path
    def path_of(url)
      on_handle do |client|
        Native.made_string("URL") { |out| Native.sac_client_path_of(client, Text.utf8(url), out) }
      end
    end

    # @return [Hash{Symbol => Object}] the counters of this client and all its scopes: see
    #   `sac_client_stats`
    def stats
      json = on_handle { |client| Native.made_string("stats") { |out| Native.sac_client_stats(client, out) } }
      JSONText.parse(json, symbolize_names: true)
    end

    # Says nothing of credentials.
    def inspect
      "#<#{self.class} #{@base_url}#{' closed' if closed?}>"
    end

    protected

    def on_handle(&block)
      Thread.handle_interrupt(Call::NEVER) { @handle.use(&block) }
    end

    private

    def call_for(runtime, method, path, options, block = nil)
      plan = Plan.new(method, path, symbolize_names: @symbolize_names, **options)
      Call.new(@handle, plan.take_output(block), runtime, [@log_target, @retry_target])
    end

    # Settings that are more than a function of the library, and those that are.
    def set(name, value)
      case name
      when *ADDED.keys then value.nil? || add(name, value)
      when :on_retry then call_on_retry(value)
      when :symbolize_names then @symbolize_names = value
      else set_natively(name, value)
      end
    end

    def add(name, value)
      adder, arguments_of = ADDED[name]
      arguments_of.call(value).each { |arguments| public_send(adder, *arguments) }
    end

    def set_natively(name, value)
      setting = Setting::OF_CLIENTS.fetch(name) { raise ArgumentError, "unknown setting: #{name}" }
      apply(name, *setting.for_client(value))
    end

    def call_on_retry(callable)
      target = callable && RetryTarget.new(callable)
      @retry_target = hand_over(target, "on_retry", :sac_set_retry_callback, Callbacks::RETRY)
    end

    # Registers a callback with C; none where there is no target.
    def hand_over(target, what, function, callback, *arguments)
      apply(what, function, target && callback, target && Callbacks.userdata(target), *arguments)
      target
    end

    def apply(what, function, *arguments)
      on_handle { |client| Native.check(Native.public_send(function, client, *arguments), what) }
      self
    end
  end
end
