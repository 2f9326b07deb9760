# frozen_string_literal: true

module SAC
  module Native
    # Reads the memory of a record of a stream, which is valid until the next use of the stream.
    module EventMemory
      OFFSETS = Class.new(FFI::Struct) { layout(EVENT_FIELDS) }.offsets.to_h.freeze
      TYPE, ID, DATA, DATA_LEN = OFFSETS.values_at(:type, :id, :data, :data_len)
      private_constant :OFFSETS, :TYPE, :ID, :DATA, :DATA_LEN

      # @return [Hash{Symbol => String}] copies
      def self.fields(event)
        bytes = event.get_pointer(DATA).get_bytes(0, event.get(:size_t, DATA_LEN))
        { type: text(event, TYPE), id: text(event, ID), data: bytes }
      end

      def self.text(event, offset)
        event.get_pointer(offset).read_string
      end
      private_class_method :text
    end
  end
end
