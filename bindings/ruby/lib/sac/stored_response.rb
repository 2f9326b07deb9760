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
    private_constant :NOTHING

    attr_reader :code, :status, :reason, :error, :json, :json_state, :body, :journal, :attempts, :elapsed

    # The response of a call that was not made.
    def self.of_error(error, **told)
      new(**NOTHING, code: error.code, error: error.message, json: JSONText.generate(error: error.message), **told)
    end

    def initialize(verb:, url:, symbolize_names:, **stored)
      super(nil, verb: verb, url: url, symbolize_names: symbolize_names)
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
      found(pointer) do |value|
        case value
        when Hash then :object
        when Array then :array
        when String then :string
        when Numeric then :number
        when nil then :null
        else :bool
        end
      end || :missing
    end

    # The numbers are Ruby's, not as they stand.
    def text_at(pointer)
      pointer.empty? ? json : found(pointer) { |value| JSONText.generate(value) }
    end

    def size_at(pointer)
      found(pointer) { |value| value.is_a?(Enumerable) ? value.size : 0 } || 0
    end

    private

    attr_reader :fields, :links

    # Hands over what a pointer (RFC 6901) leads to; nil if there is nothing.
    def found(pointer)
      return unless pointer.match?(%r{\A(/|\z)})

      @parsed ||= JSONText.parse(json)
      tokens = pointer.split("/", -1).drop(1).map { |token| token.gsub("~1", "/").gsub("~0", "~") }
      tokens.reduce(@parsed) do |value, token|
        case value
        when Hash then value.fetch(token) { return }
        when Array then token.match?(/\A(0|[1-9]\d*)\z/) ? value.fetch(token.to_i) { return } : return
        else return
        end
      end.then { |value| yield value }
    end
  end
end
