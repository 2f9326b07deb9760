# frozen_string_literal: true

module SAC
  module Native
    # Functions of the interpreter for C extensions.
    module Interpreter
      extend FFI::Library
      ffi_lib FFI::CURRENT_PROCESS
      attach_function :rb_gc_adjust_memory_usage, [:ssize_t], :void
    end

    # A response of the library, freed with the object. The garbage collector is informed of its size; otherwise
    # it would keep thousands of large responses, because their objects are small.
    class ResponsePointer < FFI::AutoPointer
      OFFSETS = Class.new(FFI::Struct) { layout(RESPONSE_FIELDS) }.offsets.to_h.freeze
      BODY_LEN = OFFSETS.fetch(:body_len)
      # The size of smaller bodies is not reported.
      MIN_REPORTED_BODY = 4096
      private_constant :BODY_LEN, :MIN_REPORTED_BODY

      def self.release(pointer)
        size = pointer.get_uint64(BODY_LEN)
        Interpreter.rb_gc_adjust_memory_usage(-size) if size >= MIN_REPORTED_BODY
        Native.sac_response_free(pointer)
      end

      def initialize(pointer)
        super
        size = pointer.get_uint64(BODY_LEN)
        Interpreter.rb_gc_adjust_memory_usage(size) if size >= MIN_REPORTED_BODY
      end

      def int32(field)
        get_int32(OFFSETS.fetch(field))
      end

      def uint64(field)
        get_uint64(OFFSETS.fetch(field))
      end

      # A text, or the bytes of the body; nil if the field is NULL.
      def bytes(field, length_field = nil)
        pointer = get_pointer(OFFSETS.fetch(field))
        return if pointer.null?

        length_field ? pointer.read_bytes(get(:size_t, OFFSETS.fetch(length_field))) : pointer.read_string
      end
    end
  end
end
