# frozen_string_literal: true

module SAC
  # A response that holds its data in Ruby: of a request that was refused, so that there was no call,
  # or from `Marshal.load`.
  #
  # @api private
  class StoredResponse < Response
    # Of a request that was refused, unless the error says more.
    NOTHING = { status: 0, reason: "", json_state: :none, body: "", fields: [], links: {}, journal: [], attempts: 0,
                elapsed: 0.0 }.freeze
    # Where a pointer leads to nothing.
    MISSING = Object.new.freeze
    private_constant :NOTHING, :MISSING

    attr_reader :code, :status, :reason, :error, :json, :json_state, :body, :journal, :attempts, :elapsed

    # The response of a call that was not made.
    def self.of_error(error, **told)
      new(**NOTHING, code: error.code, error: error.message, json: JSONText.generate(error: error.message), **told)
    end

    def initialize(verb:, place:, symbolize_names:, **stored)
      super(nil, verb: verb, place: place, symbolize_names: symbolize_names)
      stored.each { |name, value| instance_variable_set(:"@#{name}", value) }
      @body = @body.b
    end

    def header(name)
      headers[name]
    end

    def link(rel)
      links[rel.to_s]
    end

    def at(pointer)
      text = text_at(pointer)
      text && JSONText.parse(text, symbolize_names: @symbolize_names)
    end

    def type_at(pointer)
      case find(pointer)
      when MISSING then :missing
      when Hash then :object
      when Array then :array
      when String then :string
      when Numeric then :number
      when nil then :null
      else :bool
      end
    end

    # The numbers are Ruby's, not as they stand.
    def text_at(pointer)
      return json if pointer.empty?

      value = find(pointer)
      JSONText.generate(value) unless MISSING.equal?(value)
    end

    def size_at(pointer)
      value = find(pointer)
      value.is_a?(Enumerable) ? value.size : 0
    end

    private

    attr_reader :fields, :links

    # What a pointer (RFC 6901) leads to.
    def find(pointer)
      return MISSING unless pointer.match?(%r{\A(/|\z)})

      @parsed ||= JSONText.parse(json)
      pointer.split("/", -1).drop(1).reduce(@parsed) { |value, token| step(value, token.gsub("~1", "/").gsub("~0", "~")) }
    end

    def step(value, token)
      case value
      when Hash then value.fetch(token, MISSING)
      when Array then token.match?(/\A(0|[1-9]\d*)\z/) ? value.fetch(token.to_i, MISSING) : MISSING
      else MISSING
      end
    end
  end
end
