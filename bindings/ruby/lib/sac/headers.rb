# frozen_string_literal: true

module SAC
  # The header fields of a response. Names are found in any case.
  class Headers
    include Enumerable

    # @param fields [Array<Array(String, String)>] names in lower case and values, in their order
    # @api private
    def initialize(fields)
      @fields = fields.map { |field| field.each(&:freeze).freeze }.freeze
    end

    # @return [String, nil] the first value of a field
    def [](name)
      name = canonical(name)
      @fields.assoc(name)&.last
    end

    # As Hash#fetch: the first value of a field; what stands in for it, where there is none.
    #
    # @return [String, Object]
    # @raise [KeyError] where there is none, and nothing to stand in for it
    def fetch(name, *otherwise, &block)
      { name => self[name] }.compact.fetch(name, *otherwise, &block)
    end

    # @return [Array<String>] every value of a field, such as of `Set-Cookie`
    def all(name)
      name = canonical(name)
      @fields.filter_map { |field, value| value if field == name }
    end

    # @return [Boolean] whether there is such a field
    def key?(name)
      !self[name].nil?
    end

    # @yieldparam name [String] in lower case
    # @yieldparam value [String]
    def each(&block)
      return enum_for(:each) { size } unless block

      @fields.each(&block)
      self
    end

    # @return [Integer] a field that was sent twice counts twice
    def size
      @fields.size
    end

    def empty?
      @fields.empty?
    end

    # @return [Hash{String => String}] the values of a field that was sent more than once are joined
    #   by a comma (RFC 9110 section 5.3)
    def to_h
      @fields.group_by(&:first).transform_values { |fields| fields.map(&:last).join(", ") }
    end

    # For pattern matching: `in { content_type: "text/csv" }`.
    def deconstruct_keys(keys)
      (keys || @fields.map { |name, _| name.tr("-", "_").to_sym }.uniq).to_h { |key| [key, self[key]] }.compact
    end

    # Says nothing of the values, which may be secret.
    def inspect
      "#<#{self.class} #{@fields.map(&:first).uniq.join(' ')}>"
    end

    private

    def canonical(name)
      Text.field_name(name).to_s.downcase
    end
  end
end
