# frozen_string_literal: true

module SAC
  # A client for the API at a base URL, with its headers, cookies, credentials and settings.
  #
  #     client = SAC::Client.new("https://api.example.com", bearer: token, timeout: 5, retries: 3)
  #     client.get("/v1/users/42", query: { fields: "name" })
  #
  # Any number of threads may use it at once, including its setters. A call uses the settings from the time
  # when it started. After a fork, the child can use its copy. To make a more specific client, inherit from
  # this class.
  #
  # While a call waits, other threads run. `Timeout.timeout`, `Thread#kill` and Ctrl-C end it within 100 ms.
  # Callbacks run on the thread that makes the call.
  class Client
    include Calls
    include Streams
    include Credentials
    include Redacted

    # The settings that add items: the method that adds one, and its arguments for each item.
    ADDED = {
      bearer: [:add_bearer, ->(token) { [[token]] }],
      basic: [:add_basic, ->(pair) { [Setting::Converters.texts(pair)] }],
      digest: [:add_digest, ->(pair) { [Setting::Converters.texts(pair)] }],
      headers: [:add_header, ->(list) { Text.fields("headers", list) }],
      cookies: [:add_cookie, ->(list) { Text.pairs("cookies", list) }]
    }.freeze
    # The settings that set credentials: the method that sets them. False removes them.
    CREDENTIALS = { bearer: :add_bearer, basic: :add_basic, digest: :add_digest, aws_sigv4: :set_aws_sigv4,
                    token: :token_from, bearer_file: :add_bearer_file, client_credentials: :add_client_credentials,
                    refresh_token: :add_refresh_token }.freeze
    # The settings that have no reader.
    SECRET = %i[bearer aws_sigv4 client_certificate_pem client_certificate_password token bearer_file client_credentials
                refresh_token].freeze
    # The settings that are called back: the class of the target, the function of the library, and what it calls.
    CALLBACKS = { on_retry: [RetryTarget, :sac_set_retry_callback, Callbacks::RETRY],
                  on_attempt: [AttemptTarget, :sac_set_attempt_callback, Callbacks::ATTEMPT],
                  on_token_saved: [TokenSavedTarget, :sac_set_token_saved_callback, Callbacks::TOKEN_SAVED] }.freeze
    private_constant :ADDED, :CREDENTIALS, :SECRET, :CALLBACKS

    # @param base_url [String] `http://` or `https://`, a host, optionally a port and a base path
    # @param settings see {#configure}
    # @raise [InputError] if the URL or a setting is invalid
    def initialize(base_url, **settings)
      url = Text.utf8(base_url)
      what = "base URL, which must be http:// or https:// and a host, without a query"
      @handle = Handle.new(Native.create(what, :sac_client_new, url))
      @base_url = url.sub(%r{//[^/]*@}, "//").freeze
      @settings = { symbolize_names: false }
      @hooks = []
      configure(**settings)
    end

    # @return [String] without a user name and password
    attr_reader :base_url

    # Makes a separate scope, as {#scope} does.
    def initialize_copy(original)
      super
      @settings = @settings.dup
      @handle = original.with_handle { |client| Handle.new(Native.sac_client_clone(client)) }
    end

    # Makes a separate scope, for example for one incoming request: it shares the connections and the limits,
    # and has its own copies of the settings, headers, cookies and credentials. Later changes to one do not
    # affect the other.
    #
    # @param settings see {#configure}
    # @yieldparam scope [Client] if a block is given; closed after the block
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

    # Removes all headers, cookies and credentials, and wipes their memory. Settings stay.
    #
    # @return [self]
    def reset
      with_handle { |client| Native.sac_client_reset(client) }
      self
    end

    # Wipes the credentials at once, and frees the rest when the running calls have ended. Idempotent. The
    # garbage collector closes a client that nobody closed. Connections close with the last scope.
    def close
      Thread.handle_interrupt(Operation::HOLD_INTERRUPTS) { @handle.close }
    end

    def closed?
      @handle.closed?
    end

    # Sets any number of settings: those of {SETTINGS} that a client has, and these.
    #
    # @option settings [String, false] :bearer a token (RFC 6750), which replaces other credentials; false for
    #   no credentials. Nil raises `ArgumentError`, because it may be a missing token
    # @option settings [Array(String, String), false] :basic user name and password (RFC 7617), with the same
    #   rules
    # @option settings [#call, false] :token fetches a bearer token; see {#token_from}. With the same rules
    # @option settings [String, false] :bearer_file see {#add_bearer_file}. With the same rules
    # @option settings [Hash, false] :client_credentials see {#add_client_credentials}. With the same rules
    # @option settings [Hash, false] :refresh_token see {#add_refresh_token}. With the same rules
    # @option settings [#call] :on_token_saved gets a {SavedToken} for each token that a token server issues, for
    #   example to save a new refresh token; nil for none
    # @option settings [Hash] :headers fields for every request; nil as a value changes nothing
    # @option settings [Hash] :cookies for every request
    # @option settings [#call] :on_retry gets a {Retry} before the delay of each retry; if it returns false, the
    #   call ends with the result of the last attempt
    # @option settings [#call] :on_attempt gets an {Attempt} before each request that goes out: the first one of a
    #   call, each retry and each redirect. It may set header fields. If it returns false, the call ends with
    #   `:cancelled`
    # @option settings [Hash, false] :aws_sigv4 the arguments of {#set_aws_sigv4}; false for no credentials
    # @option settings [#info] :logger such as a Logger; must be thread-safe, as Logger is; nil for none
    # @option settings [Symbol] :log_level one of {LOG_LEVELS}; by default the current level of the logger
    # @option settings [Boolean] :symbolize_names whether the names in the data of responses are symbols
    # @return [self]
    # @raise [InputError] if a value is invalid
    # @raise [ArgumentError] if a setting is unknown, or its value is not usable
    def configure(log_level: nil, **settings)
      # The certificate needs its password.
      settings = settings.slice(:client_certificate_password).merge(settings)
      settings.each { |name, value| name == :logger ? set_logger(value, log_level) : set(name, value) }
      self
    end

    # @!method timeout
    #   The time for one attempt. Each setting of {#configure} with one value has such a reader, unless the value
    #   is secret.
    # @!method timeout=(seconds)
    #   The time for one attempt. Each setting of {#configure} with one value has such a setter.
    [*Setting::OF_CLIENTS.keys, *SECRET, :on_retry, :on_attempt, :on_token_saved, :symbolize_names].uniq.each do |name|
      define_method(:"#{name}=") { |value| set(name, value) }
      define_method(name) { @settings.fetch(name) { Setting::ALL[name]&.default } } unless SECRET.include?(name)
    end

    # @return [Object, nil]
    def logger
      @log_target&.logger
    end

    # @return [Symbol, nil] the least important level that goes to the logger
    attr_reader :log_level

    # Adds a hook around every request, like middleware. The first hook is the outermost. Later scopes have it
    # too. It gets a {Request}, which it may change, and a block that sends it. The caller gets the response that
    # the hook returns.
    #
    #     client.use do |request, &forward|
    #       request.options[:headers] = { "X-Request-Id" => Current.id, **request.options[:headers].to_h }
    #       forward.call(request).tap { |response| METRICS.count(response.status) }
    #     end
    #
    # In {#send_all}, each hook runs in its own fiber, on the calling thread. Fiber-local values, such as
    # `Thread.current[:name]` or ActiveSupport::CurrentAttributes with `isolation_level = :fiber`, are not
    # available there. Read them before {#send_all}, or keep them in a local variable or with
    # `Thread#thread_variable_set`.
    #
    # @param hook [#call, nil] instead of a block
    # @yieldparam request [Request]
    # @yieldreturn [Response] if the hook returns anything else, the call raises `TypeError`
    # @return [self]
    def use(hook = nil, &block)
      hook ||= block
      raise ArgumentError, "a hook must have the method call" unless hook.respond_to?(:call)

      @hooks += [hook]
      self
    end

    # Sets a header field for every request, or replaces it.
    #
    # @param name [String, Symbol] case-insensitive; a symbol has underscores instead of hyphens
    # @return [self]
    # @raise [InvalidHeader]
    def add_header(name, value)
      apply("header #{name}", :sac_add_header, Text.field_name(name), Text.utf8(value))
    end

    # Removes a header field. It is no error if there is no such field.
    #
    # @return [self]
    def remove_header(name)
      apply("header #{name}", :sac_remove_header, Text.field_name(name))
    end

    # Sends a cookie with every request. It replaces a cookie of the same name.
    #
    # @return [self]
    # @raise [InvalidCookie]
    def add_cookie(name, value)
      apply("cookie #{name}", :sac_add_cookie, Text.utf8(name), Text.utf8(value))
    end

    # Removes a cookie, signed or not. It is no error if there is no such cookie.
    #
    # @return [self]
    def remove_cookie(name)
      apply("cookie #{name}", :sac_remove_cookie, Text.utf8(name))
    end

    # Sends a signed cookie with every request. The library signs it again for each attempt.
    #
    # @param payload [Hash, String] the payload, or its JSON text; `key_id` is added to it
    # @param digest [Symbol] one of {DIGESTS}
    # @return [self]
    # @raise [InputError]
    def add_signed_cookie(name, payload, key_id:, key:, digest: :sha1)
      apply("cookie #{name}", :sac_add_signed_cookie, Text.utf8(name), SignedCookie.json_of(payload),
            Text.utf8(key_id), Text.utf8(key), SignedCookie.digest(digest))
    end

    # Sends log messages to a logger; nil for none. Later scopes use it too.
    #
    # @param logger [#error, #warn, #info, #debug] must be thread-safe, as Logger is
    # @param level [Symbol, nil] one of {LOG_LEVELS}; nil for the current level of the logger; ignored without a
    #   logger
    # @return [self]
    def set_logger(logger, level = nil)
      level = LogTarget.level_of(logger) if level.nil? || logger.nil?
      target = logger && LogTarget.new(logger)
      number = LOG_LEVELS.fetch(level) { raise Error.for(:invalid_argument, "no such log level: #{level}") }
      @log_target = register_callback(target, "logger", :sac_set_logger, Callbacks::LOG, number)
      @log_level = target && level
      self
    end

    # Like {#set_logger}, with the current level of the logger.
    def logger=(logger)
      set_logger(logger)
    end

    # Converts a full URL of this client's origin, for example from a `Location` or `Link` header or a member
    # `"next"`, to a path for {#get}.
    #
    # @return [String]
    # @raise [InvalidURL] if it is of another origin, or not below the base path
    def path_of(url)
      with_handle { |client| Native.create_string("URL", :sac_client_path_of, client, Text.utf8(url)) }
    end

    # Closes the connections of this client and its scopes that no call is using.
    #
    # @return [self]
    def close_idle
      with_handle { |client| Native.sac_client_close_idle(client) }
      self
    end

    # @return [Hash{Symbol => Object}] the counters of this client and all its scopes: see
    #   `sac_client_stats`
    def stats
      JSONText.parse(with_handle { |client| Native.create_string("stats", :sac_client_stats, client) }, symbolize_names: true)
    end

    # Does not show credentials.
    def inspect
      "#<#{self.class} #{@base_url}#{' closed' if closed?}>"
    end

    protected

    def with_handle(&block)
      Thread.handle_interrupt(Operation::HOLD_INTERRUPTS) { @handle.use(&block) }
    end

    private

    def call_for(runtime, request, block = nil)
      Call.new(*call_arguments(runtime, plan_for(request, block)))
    end

    def plan_for(request, block = nil)
      Plan.new(request, block, @settings[:symbolize_names])
    end

    def call_arguments(runtime, plan)
      [@handle, plan, runtime, @log_target, @client_targets]
    end

    # The targets of all callbacks of a call.
    def callback_targets(plan)
      [@log_target, *@client_targets, *plan.targets].compact
    end

    # Sets one setting: with a function of the library, or with a method of this class.
    def set(name, value)
      case name
      when *CREDENTIALS.keys then authenticate(name, value)
      when *ADDED.keys then value.nil? || add(name, value)
      when *CALLBACKS.keys then call_back(name, value)
      when :symbolize_names then nil
      else set_natively(name, value)
      end
      @settings[name] = display_value(name, value) unless SECRET.include?(name) || ADDED.key?(name)
    end

    def authenticate(name, value)
      return remove_header("Authorization") unless Setting::Converters.credentials(name, value)
      return add(name, value) if ADDED.key?(name)

      value.is_a?(Hash) ? public_send(CREDENTIALS[name], **value) : public_send(CREDENTIALS[name], value)
    end

    def add(name, value)
      adder, arguments_of = ADDED[name]
      arguments_of.call(value).each { |arguments| public_send(adder, *arguments) }
    end

    def set_natively(name, value)
      setting = Setting::OF_CLIENTS.fetch(name) { raise ArgumentError, "unknown setting: #{name}" }
      apply(name, *setting.for_client(value))
    end

    def call_back(name, callable)
      type, *function = CALLBACKS.fetch(name)
      target = callable && type.new(callable)
      register_callback(target, name, *function)
      keep_target(name, target)
    end

    # Keeps the target of a callback alive, instead of the earlier one. Running calls keep the earlier one.
    def keep_target(name, target)
      @targets = (@targets || {}).merge(name => target).compact
      @client_targets = @targets.empty? ? nil : @targets.values.freeze
      self
    end

    def display_value(name, value)
      setting = Setting::ALL[name]
      setting ? setting.display_value(value) : value
    end

    # Registers a callback with C, or removes it if there is no target.
    def register_callback(target, what, function, callback, *arguments)
      apply(what, function, target && callback, target && Callbacks.userdata(target), *arguments)
      target
    end

    def apply(what, function, *arguments)
      with_handle { |client| Native.check(Native.call(function, client, *arguments), what) }
      self
    end
  end
end
