# frozen_string_literal: true

module SAC
  # A call that ends with the head of its response. The source gets the body.
  #
  # @api private
  class StreamOpening < Call
    # @param source [StreamSource]
    def initialize(source, *call)
      super(*call)
      @source = source
    end

    # @return [Response]
    def perform(context)
      super
    ensure
      # A worker may keep the operation until it gets the next one.
      @source = nil
    end

    private

    def exchange(client, request)
      native = with_callbacks { Native.sac_stream_open(client, request) }
      @source.open(native, Native.sac_stream_head(native), @plan)
    end

    # It lives as long as the stream.
    def keep_cancel(native)
      @source.keep_cancel(native)
    end
  end

  # Reads a piece of a stream: see the subclasses.
  #
  # @api private
  class StreamReading < Operation
    # @param source [StreamSource]
    # @param targets [Array] of all callbacks
    # @param cancels [Array<Cancel>]
    def initialize(runtime, source, targets, cancels)
      super(runtime, !targets.empty?)
      @source = source
      @targets = targets
      @cancels = cancels
    end

    # Like {Call#runs_code_of_caller?}.
    def runs_code_of_caller?
      @targets.any? { |target| !target.is_a?(LogTarget) }
    end

    # Like {Call#release_targets}.
    def release_targets
      targets = [@targets]
      @targets = nil
      targets
    end

    # Runs with interrupts masked.
    #
    # @return [Object, Error, nil] what was read; nil at the end
    def perform(context)
      @context = context
      @source.use(self) do |stream|
        with_cancel(@source.take_cancel, @cancels) { read(stream) }
      end
    ensure
      # A worker may keep the operation until it gets the next one.
      @source = nil
    end

    # @return [Error] the result, if the thread does not wait for it any more
    def error_response(error)
      error
    end

    private

    def keep_cancel(native)
      @source.keep_cancel(native)
    end
  end

  # Reads a record.
  #
  # @api private
  class RecordReading < StreamReading
    private

    # @return [Record, Error, nil]
    def read(stream)
      event = with_callbacks { Native.sac_stream_next(stream) }
      event.null? ? @source.finish(stream, Native.sac_stream_code(stream)) : @source.record(event)
    end
  end

  # Reads bytes: as many as have arrived, up to a maximum.
  #
  # @api private
  class PieceReading < StreamReading
    MIXED = "the stream is read by records, and cannot also be read as bytes"
    private_constant :MIXED

    # @param size [Integer] the maximum number of bytes
    def initialize(size, *reading)
      super(*reading)
      @size = [size, StreamSource::MAX_PIECE].min
    end

    private

    # @return [String, Error, nil]
    def read(stream)
      length, bytes = @source.buffer
      number = with_callbacks { Native.sac_stream_read(stream, bytes, @size, length) }
      return bytes.get_bytes(0, length.get(:size_t, 0)) if number.zero? && length.get(:size_t, 0).positive?
      # A stream that is read by records refuses this, and goes on.
      return Error.for(:invalid_argument, MIXED) if number.positive? && Native.sac_stream_code(stream).zero?

      @source.finish(stream, number)
    end
  end
end
