# frozen_string_literal: true

module SAC
  # A request, as the functions to be called for it: all that is the caller's own is looked at here,
  # before anything is asked of the library.
  #
  # @api private
  class Plan
    OCTETS = "application/octet-stream"
    # Those that are no settings; each has a method of its name.
    OPTIONS = %i[query headers json json_text form body body_file multipart output_file progress idempotency_key]
              .to_h { |name| [name, :"add_#{name}"] }.freeze
    private_constant :OPTIONS

    # @return [Array<Array>] functions of the library and their arguments behind the request
    attr_reader :steps
    # @return [Cancel, nil]
    attr_reader :cancel
    attr_reader :method, :path, :symbolize_names

    def initialize(method, path, symbolize_names: false, cancel: nil, **options)
      raise ArgumentError, "cancel has to be a SAC::Cancel, not #{cancel.class}" unless cancel.nil? || cancel.is_a?(Cancel)

      @method = Text.utf8(method)
      @path = Text.utf8(path)
      @symbolize_names = symbolize_names
      @cancel = cancel
      @steps = []
      options.each { |name, value| add(name, value) } unless options.empty?
    end

    # Has a block take the body of the answer, piece by piece.
    #
    # @return [self]
    def take_output(block)
      add_callback(:sac_request_set_output_callback, Callbacks::OUTPUT, OutputTarget.new(block)) if block
      self
    end

    # Whether the call runs code of the caller's as a matter of course, which has to be left as it may
    # be anywhere else: by an interrupt, `break` or `throw`.
    def calls_back?
      !@targets.nil?
    end

    private

    def add(name, value)
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

    def add_json(value)
      add_json_text(JSONText.generate(value))
    end

    def add_json_text(text)
      add_step(:sac_request_set_json, Text.utf8(text))
    end

    # A copy, since other threads may change the caller's string until it is sent.
    def add_body(value)
      bytes, content_type = value.is_a?(Array) && value.size.between?(1, 2) ? value : [value]
      bytes = Text.read(bytes) || ""
      raise ArgumentError, "body has to be bytes, or bytes and their type, not #{bytes.class}" unless bytes.respond_to?(:to_str)

      bytes = bytes.to_str.b.freeze
      add_step(:sac_request_set_body, Text.utf8(content_type || OCTETS), bytes, bytes.bytesize)
    end

    def add_body_file(value)
      path, content_type = value.is_a?(Array) ? value : [value]
      add_step(:sac_request_set_body_file, Text.utf8(content_type || OCTETS), Text.path(path))
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
