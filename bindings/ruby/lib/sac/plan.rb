# frozen_string_literal: true

module SAC
  # A request, as the functions to be called for it: all that is the caller's own is looked at here,
  # before anything is asked of the library.
  #
  # @api private
  class Plan
    OCTETS = "application/octet-stream"
    PAIRS = { query: :sac_request_add_query, form: :sac_request_add_form_field }.freeze
    TEXTS = { json_text: :sac_request_set_json, idempotency_key: :sac_request_set_idempotency_key }.freeze
    private_constant :PAIRS, :TEXTS

    # @return [Array<Array>] functions of the library and their arguments behind the request
    attr_reader :steps
    # @return [Cancel, nil]
    attr_reader :cancel
    attr_reader :method, :path, :symbolize_names

    def initialize(method, path, symbolize_names: false, cancel: nil, **options)
      @method = Text.utf8(method)
      @path = Text.utf8(path)
      @symbolize_names = symbolize_names
      @cancel = cancel
      @steps = []
      options.each { |name, value| add(name, value) } unless options.empty?
    end

    private

    def add(name, value)
      case name
      when :query, :form then add_pairs(PAIRS[name], value)
      when :headers then add_headers(value)
      when :json then add_step(:sac_request_set_json, JSONText.generate(value))
      when :json_text, :idempotency_key then add_step(TEXTS[name], Text.utf8(value))
      when :body then add_body(*value)
      else add_setting(name, value)
      end
    end

    def add_step(*step)
      @steps << step
    end

    def add_pairs(function, list)
      Text.pairs(list).each { |name, value| add_step(function, name, value) }
    end

    def add_headers(headers)
      headers.each do |name, value|
        add_step(:sac_request_set_header, Text.field_name(name), Text.utf8(value)) unless value.nil?
      end
    end

    # A copy, since other threads may change the caller's string until it is sent.
    def add_body(bytes, content_type = OCTETS)
      bytes = String(bytes).b.freeze
      add_step(:sac_request_set_body, Text.utf8(content_type), bytes, bytes.bytesize)
    end

    def add_setting(name, value)
      setting = Setting::OF_REQUESTS.fetch(name) { raise ArgumentError, "unknown option: #{name}" }
      add_step(*setting.for_request(value))
    end
  end
end
