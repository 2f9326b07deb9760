# frozen_string_literal: true

module SAC
  module Native
    # Functions of the interpreter for C extensions.
    module Interpreter
      extend FFI::Library
      ffi_lib FFI::CURRENT_PROCESS
      attach_function :rb_gc_adjust_memory_usage, [:ssize_t], :void
    end

    # Reads the memory of a response of the library. It is freed with its pointer, the object that the garbage
    # collector frees.
    #
    # The functions get a plain `FFI::Pointer` and offsets. A `FFI::AutoPointer` or a `FFI::Struct` for each response
    # would need more objects and method calls.
    module ResponseMemory
      OFFSETS = Class.new(FFI::Struct) { layout(RESPONSE_FIELDS) }.offsets.to_h.freeze
      CODE = OFFSETS.fetch(:code)
      STATUS = OFFSETS.fetch(:status)
      JSON_STATE = OFFSETS.fetch(:json_state)
      ATTEMPTS = OFFSETS.fetch(:attempts)
      ELAPSED_US = OFFSETS.fetch(:elapsed_us)
      ERROR = OFFSETS.fetch(:error)
      # Bytes, and their number.
      JSON = OFFSETS.values_at(:json, :json_len).freeze
      BODY = OFFSETS.values_at(:body, :body_len).freeze
      BODY_LEN = OFFSETS.fetch(:body_len)
      # The size of smaller bodies is not reported.
      MIN_REPORTED_BODY = 4096
      private_constant :OFFSETS, :BODY_LEN, :MIN_REPORTED_BODY

      # Frees the response when its pointer is garbage-collected. The garbage collector is informed of the size of a
      # large body; otherwise it would keep thousands of large responses, because their objects are small.
      #
      # @param pointer [FFI::Pointer] which nothing else frees
      # @return [FFI::Pointer] the same
      def self.own(pointer)
        size = pointer.get(:size_t, BODY_LEN)
        if size < MIN_REPORTED_BODY
          ObjectSpace.define_finalizer(pointer, Release.new(pointer.address))
        else
          Interpreter.rb_gc_adjust_memory_usage(size)
          ObjectSpace.define_finalizer(pointer, ReportedRelease.new(pointer.address, size))
        end
        pointer
      end

      # Frees a stream when the pointer of its head is garbage-collected.
      #
      # @param head [FFI::Pointer] a response that belongs to the stream
      # @param stream [FFI::Pointer] which nothing else frees
      # @return [FFI::Pointer] the head
      def self.own_head(head, stream)
        ObjectSpace.define_finalizer(head, StreamRelease.new(stream.address))
        head
      end

      # @param place [Array<Integer>] {JSON} or {BODY}
      # @return [String] a copy, with binary encoding
      def self.bytes(pointer, place)
        pointer.get_pointer(place[0]).get_bytes(0, pointer.get(:size_t, place[1]))
      end

      # @return [String, nil] nil for NULL
      def self.text(pointer, offset)
        text = pointer.get_pointer(offset)
        text.read_string.force_encoding(Encoding::UTF_8) unless text.null?
      end

      # Frees a response. It has the address as a number, because with the pointer, the pointer would never be
      # garbage-collected.
      Release = Struct.new(:address) do
        def call(_object_id)
          Native.free_response_at(address)
        end
      end

      # Also informs the garbage collector.
      ReportedRelease = Struct.new(:address, :body_len) do
        def call(_object_id)
          Interpreter.rb_gc_adjust_memory_usage(-body_len)
          Native.free_response_at(address)
        end
      end

      # Frees the stream of a response.
      StreamRelease = Struct.new(:address) do
        def call(_object_id)
          Native.free_stream_at(address)
        end
      end
      private_constant :Release, :ReportedRelease, :StreamRelease
    end
  end
end
