# frozen_string_literal: true

module SAC
  # A response with its data in Ruby: for a request that was refused before a call, or from `Marshal.load`.
  #
  # @api private
  class StoredResponse < Response
    # The members of a refused request, except for those of the error.
    EMPTY = { status: 0, reason: "", json_state: :none, body: "", fields: [], links: {}, journal: [], attempts: 0,
              elapsed: 0.0 }.freeze
    # The result of a pointer without a value.
    NOT_FOUND = Object.new.freeze
    private_constant :EMPTY, :NOT_FOUND

    attr_reader :code, :status, :reason, :error, :json, :json_state, :body, :journal, :attempts, :elapsed

    # The response of a call that was not made.
    def self.of_error(error, **context)
      new(**EMPTY, code: error.code, error: error.message, json: JSONText.generate(error: error.message), **context)
    end

    # A copy that needs no memory of the library.
    #
    # @param response [Response]
    def self.copy(response)
      new(**response.stored)
    end

    # @param stored the members, with these names in dumps of `Marshal`
    def initialize(verb:, place:, symbolize_names:, **stored)
      super(nil, verb, place, symbolize_names)
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
      when NOT_FOUND then :missing
      when Hash then :object
      when Array then :array
      when String then :string
      when Numeric then :number
      when nil then :null
      else :bool
      end
    end

    # Generated from Ruby's numbers, so digits may differ from the original.
    def text_at(pointer)
      return json if pointer.empty?

      value = find(pointer)
      JSONText.generate(value) unless NOT_FOUND.equal?(value)
    end

    def size_at(pointer)
      value = find(pointer)
      value.is_a?(Enumerable) ? value.size : 0
    end

    private

    attr_reader :fields, :links

    # The value at a pointer (RFC 6901).
    def find(pointer)
      return NOT_FOUND unless pointer.match?(%r{\A(/|\z)})

      @parsed ||= JSONText.parse(json)
      pointer.split("/", -1).drop(1).reduce(@parsed) { |value, token| step(value, token.gsub("~1", "/").gsub("~0", "~")) }
    end

    def step(value, token)
      case value
      when Hash then value.fetch(token, NOT_FOUND)
      when Array then token.match?(/\A(0|[1-9]\d*)\z/) ? value.fetch(token.to_i, NOT_FOUND) : NOT_FOUND
      else NOT_FOUND
      end
    end
  end
end
