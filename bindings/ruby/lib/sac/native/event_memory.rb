# frozen_string_literal: true

module SAC
  module Native
    # Reads the memory of a record of a stream, which is valid until the next use of the stream.
    module EventMemory
      OFFSETS = Class.new(FFI::Struct) { layout(EVENT_FIELDS) }.offsets.to_h.freeze
      TYPE, ID, DATA, DATA_LEN = OFFSETS.values_at(:type, :id, :data, :data_len)
      private_constant :OFFSETS, :TYPE, :ID, :DATA, :DATA_LEN

      # @return [Array<String>] copies of the type, the ID and the data, which are frozen: see {Text.received}
      def self.fields(event)
        [event.get_pointer(TYPE).read_string, event.get_pointer(ID).read_string,
         event.get_pointer(DATA).get_bytes(0, event.get(:size_t, DATA_LEN))].each { |bytes| Text.received(bytes) }
      end
    end
  end
end
