# frozen_string_literal: true

module SAC
  # A record of a {Stream}: an event, a JSON text or an element of an array. It does not change, and any number of
  # threads may read it.
  #
  #     client.stream("/v1/log", symbolize_names: true) do |record|
  #       case record
  #       in { code: :not_json, data: } then warn data
  #       in { type: "delta", json: { text: } } then print text
  #       end
  #     end
  class Record
    # The keys of {#deconstruct_keys}.
    MATCHED = %i[type id data json json_state code].freeze
    private_constant :MATCHED

    # @return [String] the type of an event that the server has named, or `"message"`; empty if it is no event
    attr_reader :type
    # @return [String] the ID of the last event so far; empty if there is none
    attr_reader :id
    # @return [String] the data of an event, or the text of another record as it was received; in UTF-8, or with binary
    #   encoding if it is not UTF-8
    attr_reader :data

    # @param symbolize_names [Boolean] whether the names in {#json} are symbols
    def initialize(data:, type: "", id: "", symbolize_names: false)
      @type = text(type)
      @id = text(id)
      @data = text(data)
      @symbolize_names = symbolize_names
      # The record is frozen, and this is filled when it is first needed.
      @parsed = {}
      freeze
    end

    # The data as Ruby values, parsed at the first call. Damaged JSON is repaired, as the body of a response is. If it
    # cannot be repaired, this is a hash with the member `error`, and {#code} is `:not_json`.
    #
    # @return [Hash, Array, String, Numeric, true, false, nil] integers of any size are exact
    # @raise [JSON::NestingError] if it is nested deeper than {JSONText::MAX_NESTING}
    def json
      @parsed.fetch(:json) { @parsed[:json] = JSONText.parse(json_text, symbolize_names: @symbolize_names) }
    end

    # @return [String] the data as JSON text in UTF-8, always well-formed
    def json_text
      checked[:text]
    end

    # @return [Symbol] how {#json} relates to {#data}: one of {JSON_STATES}
    def json_state
      checked[:state]
    end

    # @return [Boolean] whether the data was damaged JSON and was repaired
    def repaired?
      json_state == :repaired
    end

    # @return [Symbol] `:ok`, or `:not_json` if the data cannot be repaired
    def code
      checked[:code]
    end

    # @return [Boolean] whether the data is JSON, or could be repaired
    def ok?
      code == :ok
    end

    # For pattern matching: `in { type: "delta", json: { text: } }`. The JSON is parsed only if a pattern names it.
    def deconstruct_keys(keys)
      (keys ? MATCHED & keys : MATCHED).to_h { |key| [key, public_send(key)] }
    end

    # For `to_json` and `render json:` in Rails.
    #
    # @return [Object] {#json}
    def as_json(*)
      json
    end

    # @return [String] {#json_text}
    def to_json(*)
      json_text
    end

    # Whether the other is a record with the same type, ID and data.
    def ==(other)
      other.is_a?(Record) && [type, id, data] == [other.type, other.id, other.data]
    end
    alias eql? ==

    # @return [Integer] the same for equal records
    def hash
      [type, id, data].hash
    end

    # Does not show the data, which may be secret.
    def inspect
      "#<#{self.class} #{"#{Text.printable(type)} " unless type.empty?}#{data.bytesize} bytes>"
    end

    private

    # The texts of a stream are finished, and need no copy.
    def text(value)
      value.frozen? && value.encoding == Encoding::UTF_8 && value.valid_encoding? ? value : Text.received(value.dup)
    end

    # The data under the guarantee of a body.
    def checked
      @parsed[:checked] ||= Thread.handle_interrupt(Operation::HOLD_INTERRUPTS) do
        native = Native.sac_json_parse(data, data.bytesize)
        memory = Native::ResponseMemory
        { text: memory.bytes(native, memory::JSON).force_encoding(Encoding::UTF_8).freeze,
          state: JSON_STATES.fetch(native.get_int32(memory::JSON_STATE)), code: Native.code(native.get_int32(memory::CODE)) }
      ensure
        Native.sac_response_free(native) if native
      end
    end
  end
end
