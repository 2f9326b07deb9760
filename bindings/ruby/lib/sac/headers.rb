# frozen_string_literal: true

module SAC
  # The header fields of a response. Names are case-insensitive.
  class Headers
    include Enumerable

    # @param fields [Array<Array(String, String)>] names in lower case and values, in order
    # @api private
    def initialize(fields)
      @fields = fields.map { |field| field.each(&:freeze).freeze }.freeze
    end

    # @return [String, nil] the first value of a field
    def [](name)
      name = canonical(name)
      @fields.assoc(name)&.last
    end

    # Like Hash#fetch: the first value of a field, or else the default.
    #
    # @return [String, Object]
    # @raise [KeyError] if there is no such field and no default
    def fetch(name, *default, &block)
      { name => self[name] }.compact.fetch(name, *default, &block)
    end

    # @return [Array<String>] all values of a field, such as `Set-Cookie`
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

    # @return [Integer] the number of fields; a field that was sent twice counts twice
    def size
      @fields.size
    end

    def empty?
      @fields.empty?
    end

    # @return [Hash{String => String}] several values of a field are joined by a comma (RFC 9110 section 5.3)
    def to_h
      @fields.group_by(&:first).transform_values { |fields| fields.map(&:last).join(", ") }
    end

    # For pattern matching: `in { content_type: "text/csv" }`.
    def deconstruct_keys(keys)
      (keys || @fields.map { |name, _| name.tr("-", "_").to_sym }.uniq).to_h { |key| [key, self[key]] }.compact
    end

    # Does not show the values, which may be secret.
    def inspect
      "#<#{self.class} #{@fields.map(&:first).uniq.join(' ')}>"
    end

    private

    def canonical(name)
      Text.field_name(name).to_s.downcase
    end
  end
end
