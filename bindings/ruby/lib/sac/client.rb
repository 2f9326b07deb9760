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
    include Calls
    include Opaque

    # The settings that add something: the method that does, and its arguments for each one added.
    ADDED = {
      bearer: [:add_bearer, ->(token) { [[token]] }],
      basic: [:add_basic, ->(pair) { [Setting::Arguments.texts(pair)] }],
      headers: [:add_header, ->(list) { Text.fields("headers", list) }],
      cookies: [:add_cookie, ->(list) { Text.pairs("cookies", list) }]
    }.freeze
    # The settings that have no reader.
    SECRET = %i[bearer client_certificate_pem].freeze
    private_constant :ADDED, :SECRET

    # @param base_url [String] `http://` or `https://`, a host, optionally a port and a base path
    # @param settings see {#configure}
    # @raise [InputError] where the URL or a setting is refused
    def initialize(base_url, **settings)
      url = Text.utf8(base_url)
      what = "base URL, which has to be http:// or https:// and a host, without a query"
      @handle = Handle.new(Native.made(what, :sac_client_new, url))
      @base_url = url.sub(%r{//[^/]*@}, "//").freeze
      @settings = { symbolize_names: false }
      @hooks = []
      configure(**settings)
    end

    # @return [String] without a user name and password
    attr_reader :base_url

    # A scope of its own, as {#scope} makes it.
    def initialize_copy(original)
      super
      @settings = @settings.dup
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

    # Sets any number of settings: those of {SETTINGS} that a client has, and these.
    #
    # @option settings [String, false] :bearer a token (RFC 6750), in place of other credentials; false for no
    #   credentials at all. Nil raises `ArgumentError`: it may be a token that is missing
    # @option settings [Array(String, String), false] :basic user name and password (RFC 7617), likewise
    # @option settings [Hash] :headers fields for every request; nil as a value changes nothing
    # @option settings [Hash] :cookies for every request
    # @option settings [#call] :on_retry is given a {Retry} before each wait; where it returns false,
    #   the call ends with what it has
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

    # @!method timeout
    #   The time for one attempt. Each setting of {#configure} that stands for one value has a reader of
    #   this form, but for those that are secret.
    # @!method timeout=(seconds)
    #   The time for one attempt. Each setting of {#configure} that stands for one value has a setter of
    #   this form.
    [*Setting::OF_CLIENTS.keys, :bearer, :on_retry, :symbolize_names].each do |name|
      define_method(:"#{name}=") { |value| set(name, value) }
      define_method(name) { @settings.fetch(name) { Setting::ALL[name]&.default } } unless SECRET.include?(name)
    end

    # @return [Object, nil]
    def logger
      @log_target&.logger
    end

    # @return [Symbol, nil] the level from which on messages go to the logger
    attr_reader :log_level

    # Adds a hook around every request, in the manner of middleware. The hook that was added first is
    # the outermost. Scopes made afterwards have it too. It gets a {Request}, which it may change, and a
    # block that sends it; what it returns is what the caller gets.
    #
    #     client.use do |request, &forward|
    #       request.options[:headers] = { "X-Request-Id" => Current.id, **request.options[:headers].to_h }
    #       forward.call(request).tap { |response| METRICS.count(response.status) }
    #     end
    #
    # @param hook [#call, nil] in place of a block
    # In {#send_all} each hook runs in a fiber of its own, on the calling thread: what is kept for a fiber, such as
    # `Thread.current[:name]` or ActiveSupport::CurrentAttributes with `isolation_level = :fiber`, is not there.
    # Read it before {#send_all}, or keep it in a local variable or by `Thread#thread_variable_set`.
    #
    # @yieldparam request [Request]
    # @yieldreturn [Response] a call whose hook returns anything else raises `TypeError`
    # @return [self]
    def use(hook = nil, &block)
      hook ||= block
      raise ArgumentError, "a hook has to have the method call" unless hook.respond_to?(:call)

      @hooks += [hook]
      self
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
      @log_level = target && level
      self
    end

    # As {#set_logger}, from the logger's own level on.
    def logger=(logger)
      set_logger(logger)
    end

    # The path to give to {#get} for a full URL of this client's origin, as it stands in a `Location`
    # or `Link` header or under `"next"`.
    #
    # @return [String]
    # @raise [InvalidURL] where it is of another origin, or not below the base path
    def path_of(url)
      on_handle { |client| Native.made_string("URL", :sac_client_path_of, client, Text.utf8(url)) }
    end

    # @return [Hash{Symbol => Object}] the counters of this client and all its scopes: see
    #   `sac_client_stats`
    def stats
      JSONText.parse(on_handle { |client| Native.made_string("stats", :sac_client_stats, client) }, symbolize_names: true)
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

    def call_for(runtime, request, block = nil)
      plan = Plan.new(request, block, symbolize_names: @settings[:symbolize_names], **request.options)
      Call.new(@handle, plan, runtime, [@log_target, @retry_target])
    end

    # Settings that are more than a function of the library, and those that are.
    def set(name, value)
      case name
      when :bearer, :basic then authenticate(name, value)
      when *ADDED.keys then value.nil? || add(name, value)
      when :on_retry then call_on_retry(value)
      when :symbolize_names then nil
      else set_natively(name, value)
      end
      @settings[name] = shown(name, value) unless SECRET.include?(name) || ADDED.key?(name)
    end

    def authenticate(name, value)
      Setting::Arguments.credentials(name, value) ? add(name, value) : remove_header("Authorization")
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

    def shown(name, value)
      setting = Setting::ALL[name]
      setting ? setting.shown(value) : value
    end

    # Registers a callback with C; none where there is no target.
    def hand_over(target, what, function, callback, *arguments)
      apply(what, function, target && callback, target && Callbacks.userdata(target), *arguments)
      target
    end

    def apply(what, function, *arguments)
      on_handle { |client| Native.check(Native.ask(function, client, *arguments), what) }
      self
    end
  end
end
