# frozen_string_literal: true

module SAC
  # What came of a call. It is there whatever happened, and {#ok?} tells whether all went well.
  #
  # It does not change, and may be read by any number of threads.
  class Response
    include Values

    # What {#deconstruct_keys} offers.
    MATCHED = %i[code status error data].freeze
    private_constant :MATCHED

    # @param native [Native::ResponsePointer]
    # @api private
    def initialize(native, symbolize_names: false)
      @native = native
      @symbolize_names = symbolize_names
    end

    # @return [Boolean] a whole response arrived, its status is below 400, and where JSON was asked
    #   for, JSON could be had
    def ok?
      code == :ok
    end

    # @return [Symbol] `:ok`, or what went wrong: one of {CODES}
    def code
      @code ||= Native.code(@native.int32(:code))
    end

    # @return [Integer] the HTTP status; 0 where no response arrived
    def status
      @native.int32(:status)
    end

    # @return [String] the reason phrase of the status line as the server sent it; empty if there is none
    def reason
      text(Native.sac_response_reason(@native))
    end

    # @return [String, nil] what went wrong, in English, on one line; nil where all went well
    def error
      @error ||= @native.bytes(:error)&.force_encoding(Encoding::UTF_8)
    end

    # @return [String] JSON text, well-formed whatever arrived; UTF-8
    def json
      @json ||= @native.bytes(:json, :json_len).force_encoding(Encoding::UTF_8)
    end

    # @return [Symbol] how {#json} relates to {#body}: one of {JSON_STATES}
    def json_state
      JSON_STATES.fetch(@native.int32(:json_state))
    end

    # @return [Boolean] the body was damaged JSON and has been repaired
    def repaired?
      json_state == :repaired
    end

    # @return [String] the bytes as received, with content coding undone; of no encoding
    def body
      @body ||= @native.bytes(:body, :body_len)
    end

    # The JSON as Ruby's values, parsed when it is first asked for. Integers of any size are exact.
    #
    # @return [Hash, Array, String, Numeric, true, false]
    # @raise [JSON::NestingError] where it is nested deeper than {JSONText::MAX_NESTING}
    def data
      @data = JSONText.parse(json, symbolize_names: @symbolize_names) unless defined?(@data)
      @data
    end

    # @return [Object, nil] a member or an element of the data; nil where there is none
    def [](key)
      dig(key)
    end

    # @return [Object, nil] what lies that deep in the data; nil where there is nothing
    def dig(*keys)
      keys.reduce(data) do |value, key|
        case value
        when Hash then value[key]
        when Array then key.is_a?(Integer) ? value[key] : nil
        end
      end
    end

    # @return [Headers] all header fields
    def headers
      @headers ||= Headers.new(read_fields)
    end

    # @return [String, nil] the first value of a header field, in any case
    def header(name)
      text(Native.sac_response_header(@native, Text.field_name(name)))
    end

    # @param rel [String] such as `next`
    # @return [String, nil] the target of the `Link` field with this relation (RFC 8288), as a full
    #   URL; {Client#path_of} makes of it a path to ask for
    def link(rel)
      text(Native.sac_response_link(@native, Text.utf8(rel)))
    end

    # @return [Array<Hash{Symbol => Object}>] what each attempt did: see `sac_response_journal`
    def journal
      @journal ||= JSONText.parse(Native.sac_response_journal(@native), symbolize_names: true)
    end

    # @return [Integer] requests put on the wire; 0 where none was
    def attempts
      @native.int32(:attempts)
    end

    # @return [Float] the whole call in seconds, waits included
    def elapsed
      @native.uint64(:elapsed_us) / 1_000_000.0
    end

    # @return [Error, nil] what {#or_raise} raises; nil where all went well
    def exception
      ok? ? nil : Error.for(code, error, response: self)
    end

    # @return [self]
    # @raise [Error] where not all went well
    def or_raise
      raise exception unless ok?

      self
    end

    # For pattern matching: `in { status: 200, data: { name: } }`.
    def deconstruct_keys(keys)
      (keys ? MATCHED & keys : MATCHED).to_h { |key| [key, public_send(key)] }
    end

    # Says nothing of what is in it, which may be secret.
    def inspect
      "#<#{self.class} #{code} #{status}>"
    end

    private

    def read_fields
      out = FFI::MemoryPointer.new(:pointer, 2)
      value = out + FFI::Pointer.size
      Array.new(Native.sac_response_header_count(@native)) do |index|
        Native.sac_response_header_at(@native, index, out, value)
        [text(out.read_pointer.read_string), text(value.read_pointer.read_string)]
      end
    end

    def text(string)
      string&.force_encoding(Encoding::UTF_8)
    end
  end

  # The response to a request that the library refused to make: there was no call.
  #
  # @api private
  class Refusal < Response
    attr_reader :code, :error, :json

    def initialize(error, symbolize_names: false)
      super(nil, symbolize_names: symbolize_names)
      @code = error.code
      @error = error.message
      @json = JSONText.generate(error: @error)
    end

    def status
      0
    end
    alias attempts status

    def reason
      +""
    end

    def json_state
      :none
    end

    def body
      @body ||= String.new
    end

    def elapsed
      0.0
    end

    def header(_name) end
    alias link header

    def journal
      []
    end

    def type_at(pointer)
      { "" => :object, "/error" => :string }.fetch(pointer, :missing)
    end

    def text_at(pointer)
      { "" => json, "/error" => JSONText.generate(error) }[pointer]
    end

    def at(pointer)
      text = text_at(pointer)
      text && JSONText.parse(text, symbolize_names: @symbolize_names)
    end

    def size_at(pointer)
      pointer.empty? ? 1 : 0
    end

    private

    def read_fields
      []
    end
  end
end
