# frozen_string_literal: true

module SAC
  # Reads single values of a response's JSON at a pointer (RFC 6901), without Ruby objects for the rest: for large
  # documents of which you need little.
  module Values
    # @param pointer [String] such as `/items/0/name`; the empty string is the whole document
    # @return [Object, nil] the value; nil if there is none
    def at(pointer)
      case type_at(pointer)
      when :bool then read_value(:sac_json_bool, pointer, :bool)
      when :number then number_at(pointer)
      when :string then read_text(:sac_json_string, pointer)
      when :array, :object then JSONText.parse(text_at(pointer), symbolize_names: @symbolize_names)
      end
    end

    # @return [Symbol] one of {JSON_TYPES}; `:missing` if there is no such value
    def type_at(pointer)
      JSON_TYPES.fetch(Native.sac_json_type_of(@native, Text.utf8(pointer)))
    end

    # @return [String, nil] the unchanged JSON text, for example all digits of a number. For a response from
    #   `Marshal.load` or {Response.build}, it is generated from the value: `1.10` becomes `1.1`
    def text_at(pointer)
      read_text(:sac_json_text, pointer)
    end

    # @return [Integer] the number of elements or members; 0 for other values
    def size_at(pointer)
      Native.sac_json_length(@native, Text.utf8(pointer))
    end

    private

    # Integers of any size are exact.
    def number_at(pointer)
      text = text_at(pointer)
      return read_value(:sac_json_int64, pointer, :int64) || Integer(text, 10) unless text.match?(/[.eE]/)

      read_value(:sac_json_double, pointer, :double) || (text.start_with?("-") ? -Float::INFINITY : Float::INFINITY)
    end

    def read_value(function, pointer, type)
      out = FFI::MemoryPointer.new(type)
      out.get(type, 0) if Native.public_send(function, @native, Text.utf8(pointer), out)
    end

    def read_text(function, pointer)
      len = FFI::MemoryPointer.new(:size_t)
      text = Native.public_send(function, @native, Text.utf8(pointer), len)
      text.null? ? nil : text.read_bytes(len.get(:size_t, 0)).force_encoding(Encoding::UTF_8)
    end
  end
end
