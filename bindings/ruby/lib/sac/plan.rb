# frozen_string_literal: true

module SAC
  # A request, as the functions to be called for it: all that is the caller's own is looked at here,
  # before anything is asked of the library.
  #
  # @api private
  class Plan
    OCTETS = "application/octet-stream"
    # Those that are no settings; each has a method of its name.
    OPTIONS = %i[query headers bearer basic cookies json json_text form body body_file multipart output_file progress
                 idempotency_key].to_h { |name| [name, :"add_#{name}"] }.merge(params: :add_query).freeze
    NONE = [].freeze
    private_constant :OPTIONS, :NONE

    # @return [Array<Array>] functions of the library and their arguments behind the request
    attr_reader :steps
    # @return [Array<Array(String, String)>] those of this call alone
    attr_reader :cookies
    # @return [Boolean] whether the client's credentials stay behind
    attr_reader :anonymous
    # @return [Array<Cancel>]
    attr_reader :cancels
    # @return [Hash{Symbol => Object}] what a response tells of its request
    attr_reader :told
    # @return [InputError, nil] why there is no such request
    attr_reader :error
    # @return [Array, nil] the targets of the callbacks
    attr_accessor :targets
    attr_reader :verb, :path

    # @param request [Request]
    # @param block [Proc, nil] takes the body of the answer, piece by piece
    def initialize(request, block, symbolize_names: false, cancel: nil, **options)
      @cancels = cancel ? Array(cancel) : NONE
      raise ArgumentError, "cancel has to be a SAC::Cancel, not #{cancel.class}" unless @cancels.all?(Cancel)

      @steps = []
      @cookies = NONE
      @anonymous = false
      @told = { symbolize_names: symbolize_names, verb: request.verb, place: request.place }
      add_callback(:sac_request_set_output_callback, Callbacks::OUTPUT, OutputTarget.new(block)) if block
      take(request, options)
    end

    # Without the query and the fragment, which may hold what is secret.
    def what_is_asked
      "#{Text.shown(@verb)} #{Text.shown(@path)[/\A[^?#]*/]}"
    end

    private

    # What is refused here is answered, as what the library refuses is.
    def take(request, options)
      @verb = Text.utf8(request.verb)
      @path = request.target
      options.each { |name, value| add(name, value) }
    rescue InputError => e
      @error = e
    rescue EncodingError => e
      @error = Error.for(:invalid_utf8, e.message)
    end

    def add(name, value)
      Setting::Arguments.credentials(name, value) if %i[bearer basic].include?(name)
      adder = OPTIONS[name]
      return add_setting(name, value) unless adder

      # As JSON nil is a value, as anything else it is none.
      __send__(adder, value) unless value.nil? && name != :json
    end

    def add_setting(name, value)
      setting = Setting::OF_REQUESTS.fetch(name) { raise ArgumentError, "unknown option: #{name}" }
      add_step(*setting.for_request(value))
    end

    def add_step(*step)
      @steps << step
    end

    # A string is a query that is written already, and goes behind the one of the path.
    def add_query(list)
      return append_query(list.delete_prefix("?")) if list.is_a?(String)

      Text.pairs("query", list).each { |pair| add_step(:sac_request_add_query, *pair) }
    end

    def append_query(query)
      @path = "#{@path}#{@path.to_s.include?('?') ? '&' : '?'}#{Text.utf8(query)}" unless query.empty?
    end

    def add_form(list)
      Text.pairs("form", list).each { |pair| add_step(:sac_request_add_form_field, *pair) }
    end

    def add_headers(headers)
      Text.fields("headers", headers).each { |field| add_step(:sac_request_set_header, *field) }
    end

    # The library refuses the same for a client.
    def add_bearer(token)
      return @anonymous = true unless token

      token = Text.utf8(token)
      raise Error.for(:invalid_header, "bearer: a token is not empty, and has no spaces") if token.b.match?(/\A\z|[\s\0]/n)

      add_step(:sac_request_set_header, "Authorization", "Bearer #{token}")
    end

    def add_basic(pair)
      return @anonymous = true unless pair

      user, password = Setting::Arguments.texts(pair)
      raise Error.for(:null_argument, "basic: a user name and a password are needed") unless user && password
      raise Error.for(:invalid_argument, "basic: a user name has no colon") if user.b.include?(":")
      raise Error.for(:invalid_argument, "basic: a control character") if "#{user.b}#{password.b}".match?(/[\x00-\x1f\x7f]/n)

      add_step(:sac_request_set_header, "Authorization", "Basic #{["#{user}:#{password}"].pack('m0')}")
    end

    def add_cookies(list)
      @cookies = Text.pairs("cookies", list)
    end

    def add_json(value)
      add_json_text(JSONText.generate(value))
    end

    def add_json_text(text)
      add_step(:sac_request_set_json, Text.utf8(text))
    end

    # A copy, since other threads may change the caller's string until it is sent.
    def add_body(value)
      bytes, content_type = value.is_a?(Array) && value.size.between?(1, 2) ? value : [value]
      content_type ||= type_of(bytes)
      bytes = Text.read(bytes) || ""
      raise ArgumentError, "body has to be bytes, or bytes and their type, not #{bytes.class}" unless bytes.respond_to?(:to_str)

      bytes = bytes.to_str.b.freeze
      add_step(:sac_request_set_body, Text.utf8(content_type || OCTETS), bytes, bytes.bytesize)
    end

    def add_body_file(value)
      path, content_type = value.is_a?(Array) ? value : [value]
      add_step(:sac_request_set_body_file, Text.utf8(content_type || type_of(path) || OCTETS), Text.path(path))
    end

    # The type that an uploaded file of Rails or Rack has.
    def type_of(file)
      file.content_type if file.respond_to?(:content_type)
    end

    def add_multipart(parts)
      Text.names("multipart", parts).each do |name, values|
        values.each { |value| add_step(*Part.of(value).step(Text.utf8(name))) }
      end
    end

    def add_output_file(path)
      add_step(:sac_request_set_output_file, Text.path(path))
    end

    def add_progress(callable)
      add_callback(:sac_request_set_progress_callback, Callbacks::PROGRESS, ProgressTarget.new(callable)) if callable
    end

    # Keeps the target alive for as long as the plan.
    def add_callback(function, callback, target)
      (@targets ||= []) << target
      add_step(function, callback, Callbacks.userdata(target))
    end

    def add_idempotency_key(key)
      add_step(:sac_request_set_idempotency_key, Text.utf8(key))
    end
  end
end
