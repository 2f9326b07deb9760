# frozen_string_literal: true

module SAC
  # The functions to call for a request. All objects of the caller are converted here, before the library is called.
  #
  # @api private
  class Plan
    OCTET_STREAM = "application/octet-stream"
    # The options that are not settings; each has a method.
    OPTIONS = %i[query headers bearer basic cookies json json_text form body body_file multipart output_file progress
                 idempotency_key records last_event_id].to_h { |name| [name, :"add_#{name}"] }.merge(params: :add_query).freeze
    OWN = %i[cancel symbolize_names].freeze
    EMPTY = [].freeze
    private_constant :OPTIONS, :OWN, :EMPTY

    # @return [Array<Array>] functions of the library and their arguments after the request
    attr_reader :steps
    # @return [Array<Array(String, String)>] the cookies of this call
    attr_reader :cookies
    # @return [Boolean] whether the call is made without the client's credentials
    attr_reader :without_credentials
    # @return [Array<Cancel>]
    attr_reader :cancels
    # @return [InputError, nil] why the request is invalid
    attr_reader :error
    # @return [Array, nil] the targets of the callbacks
    attr_accessor :targets
    attr_reader :verb, :path
    # @return [Boolean] whether the names in the data of the response are symbols
    attr_reader :symbolize_names

    # @param request [Request]
    # @param block [Proc, nil] gets the body of the response, piece by piece
    # @param symbolize_names [Boolean] of the client
    def initialize(request, block, symbolize_names)
      @requested_verb = request.verb
      @place = request.url_parts
      @symbolize_names = symbolize_names
      # Shared arrays, because most calls have no options.
      @steps = @cancels = @cookies = EMPTY
      @without_credentials = false
      options = request.options
      read_own_options(options) unless options.empty?
      add_callback(:sac_request_set_output_callback, Callbacks::OUTPUT, OutputTarget.new(block)) if block
      parse_options(request, options)
    end

    # Whether the call needs a scope of the client.
    def scope?
      @without_credentials || !@cookies.empty?
    end

    # @param native [FFI::Pointer] see {Native::ResponseMemory.own}
    # @return [Response] to this request
    def response(native)
      Response.new(native, @requested_verb, @place, @symbolize_names)
    end

    # @param error [Error]
    # @return [StoredResponse] of a call that was not made
    def error_response(error)
      StoredResponse.of_error(error, verb: @requested_verb, place: @place, symbolize_names: @symbolize_names)
    end

    # Method and path, without the query and the fragment, which may contain secrets.
    def request_line
      "#{Text.printable(@verb)} #{Text.printable(@path)[/\A[^?#]*/]}"
    end

    private

    # The options that the library's request does not have.
    def read_own_options(options)
      @symbolize_names = options.fetch(:symbolize_names, @symbolize_names)
      cancel = options[:cancel]
      return unless cancel

      @cancels = Array(cancel)
      raise ArgumentError, "cancel must be a SAC::Cancel, not #{cancel.class}" unless @cancels.all?(Cancel)
    end

    # An input error becomes a response, as for input that the library refuses.
    def parse_options(request, options)
      @verb = Text.utf8(request.verb)
      @path = request.target
      options.each { |name, value| add(name, value) unless OWN.include?(name) } unless options.empty?
    rescue InputError => e
      @error = e
    rescue EncodingError => e
      @error = Error.for(:invalid_utf8, e.message)
    end

    def add(name, value)
      Setting::Converters.credentials(name, value) if %i[bearer basic].include?(name)
      adder = OPTIONS[name]
      return add_setting(name, value) unless adder

      # Nil is a value for `json`; for other options it means that the option is not set.
      __send__(adder, value) unless value.nil? && name != :json
    end

    def add_setting(name, value)
      setting = Setting::OF_REQUESTS.fetch(name) { raise ArgumentError, "unknown option: #{name}" }
      add_step(*setting.for_request(value))
    end

    def add_step(*step)
      @steps = [] if @steps.frozen?
      @steps << step
    end

    # A string is an encoded query, and is appended to the query of the path.
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

    # The library has the same rules for a client.
    def add_bearer(token)
      return @without_credentials = true unless token

      token = Text.utf8(token)
      raise Error.for(:invalid_header, "bearer: a token must not be empty or contain spaces") if token.b.match?(/\A\z|[\s\0]/n)

      add_step(:sac_request_set_header, "Authorization", "Bearer #{token}")
    end

    def add_basic(pair)
      return @without_credentials = true unless pair

      user, password = Setting::Converters.texts(pair)
      raise Error.for(:null_argument, "basic: user name and password are required") unless user && password
      raise Error.for(:invalid_argument, "basic: the user name contains a colon") if user.b.include?(":")
      raise Error.for(:invalid_argument, "basic: control character") if "#{user.b}#{password.b}".match?(/[\x00-\x1f\x7f]/n)

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

    # A copy, because other threads may change the caller's string before it is sent.
    def add_body(value)
      bytes, content_type = value.is_a?(Array) && value.size.between?(1, 2) ? value : [value]
      content_type ||= type_of(bytes)
      return stream_body(bytes, content_type) if BodySource.streams?(bytes)

      bytes = Text.read_all(bytes) || ""
      raise ArgumentError, "body must be bytes, or bytes and their type, not #{bytes.class}" unless bytes.respond_to?(:to_str)

      bytes = bytes.to_str.b.freeze
      add_step(:sac_request_set_body, Text.utf8(content_type || OCTET_STREAM), bytes, bytes.bytesize)
    end

    # The reader stays the caller's: it is neither copied nor closed.
    def stream_body(reader, content_type)
      source = reader.is_a?(BodySource) ? reader : BodySource.new(reader)
      type = Text.utf8(content_type || OCTET_STREAM)
      add_callback(:sac_request_set_body_callback, type, source.length || -1, Callbacks::BODY, BodyTarget.new(source))
      add_callback(:sac_request_set_rewind_callback, Callbacks::REWIND, RewindTarget.new(source)) if source.rewinds?
    end

    def add_body_file(value)
      path, content_type = value.is_a?(Array) ? value : [value]
      add_step(:sac_request_set_body_file, Text.utf8(content_type || type_of(path) || OCTET_STREAM), Text.path(path))
    end

    # The type of an uploaded file of Rails or Rack.
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

    # Keeps the target alive as long as the plan.
    def add_callback(function, *arguments, target)
      (@targets ||= []) << target
      add_step(function, *arguments, Callbacks.userdata(target))
    end

    # Only streams use it.
    def add_records(kind)
      number = RECORDS.fetch(kind) { raise ArgumentError, "records must be one of #{RECORDS.keys.join(', ')}" }
      add_step(:sac_request_set_records, number)
    end

    def add_last_event_id(id)
      add_step(:sac_request_set_last_event_id, Text.utf8(id))
    end

    def add_idempotency_key(key)
      add_step(:sac_request_set_idempotency_key, Text.utf8(key))
    end
  end
end
