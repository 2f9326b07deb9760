# frozen_string_literal: true

module SAC
  # A response whose body is read while it arrives, from {Client#stream}: record by record, or as bytes.
  #
  #     client.stream("/v1/log", retries: 5) { |event| puts event.data }
  #
  #     stream = client.stream("/v1/export")
  #     stream.response.status
  #     stream.lazy.map(&:json).first(10)
  #     stream.close
  #
  # Each read waits for bytes: at most for the read timeout (for events 60 seconds if none is set), up to the deadline of
  # the call, and until a cancel. Other threads, and other fibers of a scheduler, run meanwhile. An interrupt, such as that
  # of `Timeout.timeout`, ends the read and the stream.
  #
  # One thread at a time may read. Any thread may call {#close}. A child of `fork` cannot read a stream of its parent.
  # Close each stream, or read it to its end; otherwise the garbage collector closes it at some time.
  class Stream
    include Enumerable
    include Redacted

    # The head of the first response: its status, header fields and journal. Its body is empty, unless the status is 300
    # or above: then it is complete, with its error, and nothing can be read.
    #
    # @return [Response]
    attr_reader :response
    alias head response

    # @param symbolize_names [Boolean] as for the records
    # @param targets [Array] of all callbacks, which must outlive the stream
    # @param cancels [Array<Cancel>]
    # @api private
    def initialize(symbolize_names, targets, cancels)
      @source = StreamSource.new(Runtime.current, symbolize_names)
      @targets = targets
      @cancels = cancels
    end

    # Sends the request.
    #
    # @param call the arguments for {Call}
    # @return [Response]
    # @api private
    def open(*call)
      Runtime.current.run(StreamOpening.new(@source, *call))
    end

    # Sets the response, which a hook may have replaced.
    #
    # @return [self]
    # @api private
    def with_response(response)
      @response = response
      self
    end

    # Yields each record that has not been read yet, when it is complete. To leave the block does not close the stream.
    #
    # If the server interrupts an event stream that a GET has opened, the request is sent again with the ID of the last
    # event (`Last-Event-ID`), after the delay that the server has named, or after a back-off: at most as often as
    # `retries` allows without an event in between. A regular end of the response is an interruption too if the server
    # has sent an ID or a delay. Status 204 ends the stream.
    #
    # @yieldparam record [Record]
    # @return [self]
    # @raise [Error] if the call has failed, or the stream fails; of the class `TooLarge` for a record that is larger than
    #   `max_body_bytes`
    def each
      return enum_for(:each) unless block_given?

      while (record = run(RecordReading))
        yield record
      end
      self
    end

    # @return [Record] the next record
    # @raise [StopIteration] at the end
    # @raise [Error] as {#each}
    def next
      run(RecordReading) or raise StopIteration, "the stream has ended"
    end

    # Reads bytes, after content decoding, as `IO#read` does.
    #
    # @param length [Integer, nil] the number of bytes, for which it waits; nil for all up to the end
    # @param buffer [String, nil] receives the bytes
    # @return [String, nil] with binary encoding; nil at the end if there is a length
    # @raise [InvalidArgument] if the stream is read by records
    # @raise [Error] as {#each}
    def read(length = nil, buffer = nil)
      raise ArgumentError, "negative length: #{length}" if length&.negative?

      bytes = append((buffer || String.new).clear.force_encoding(Encoding::BINARY), length || Float::INFINITY)
      bytes unless bytes.empty? && length&.positive?
    end

    # Reads the bytes that have arrived, as `IO#readpartial` does. It waits until there are some.
    #
    # @param max_length [Integer] the maximum number of bytes
    # @param buffer [String, nil] receives the bytes
    # @return [String] with binary encoding
    # @raise [EOFError] at the end
    # @raise [Error] as {#read}
    def readpartial(max_length, buffer = nil)
      raise ArgumentError, "negative length: #{max_length}" if max_length.negative?

      buffer&.clear
      piece = max_length.zero? ? String.new : read_piece(max_length)
      raise EOFError, "end of file reached" unless piece

      buffer ? buffer.replace(piece) : piece
    end

    # Yields the bytes in pieces, as they arrive. To leave the block does not close the stream.
    #
    # @yieldparam bytes [String] with binary encoding
    # @return [self]
    # @raise [Error] as {#read}
    def each_chunk
      return enum_for(:each_chunk) unless block_given?

      while (piece = read_piece(StreamSource::MAX_PIECE))
        yield piece
      end
      self
    end

    # The bytes as an object for libraries that read a body with `each` and `close`, such as Rack.
    #
    # @return [Chunks]
    def chunks
      Chunks.new(self)
    end

    # @return [Symbol] `:ok` while the body arrives and after its regular end; after a failure one of {CODES}
    def code
      exception&.code || :ok
    end

    # @return [String, nil] what went wrong, in English, on one line
    def error
      exception && (response.error || exception.message)
    end

    # @return [Boolean] whether nothing has failed so far
    def ok?
      exception.nil?
    end

    # @return [Error, nil] the error of the call or of the stream; nil if nothing has failed so far
    def exception
      response.exception || @source.failure
    end

    # @return [self]
    # @raise [Error] if the call or the stream has failed
    def or_raise
      error = exception
      raise error if error

      self
    end

    # Ends the stream, and a read by another thread. If the body was read to its end, the connection is kept for later
    # requests; otherwise it is closed. Idempotent.
    def close
      @source.close
    end

    def closed?
      @source.closed?
    end

    # Does not show the request, which may be secret.
    def inspect
      "#<#{self.class} #{code} #{response.status}#{' closed' if closed?}>"
    end

    # The bytes of a {Stream} in pieces, and its end. A body for a Rack response:
    #
    #     [200, { "content-type" => "text/csv" }, client.stream("/v1/export").chunks]
    class Chunks
      include Enumerable
      include Redacted

      # @param stream [Stream]
      # @api private
      def initialize(stream)
        @stream = stream
      end

      # Like {Stream#each_chunk}.
      #
      # @yieldparam bytes [String]
      # @return [self]
      # @raise [Error] as {Stream#read}
      def each(&block)
        return enum_for(:each) unless block

        @stream.each_chunk(&block)
        self
      end

      # Like {Stream#close}.
      def close
        @stream.close
      end

      # Does not show the content, which may be secret.
      def inspect
        "#<#{self.class} of #{@stream.inspect}>"
      end
    end

    private

    # Reads until there are so many bytes, or up to the end.
    def append(bytes, wanted)
      while bytes.bytesize < wanted && (piece = read_piece(wanted - bytes.bytesize))
        bytes << piece
      end
      bytes
    end

    def read_piece(size)
      run(PieceReading, size)
    end

    # Reads something; nil at the end.
    def run(operation, *arguments)
      response.or_raise
      runtime = Runtime.current
      result = runtime.run(operation.new(*arguments, runtime, @source, @targets, @cancels))
      result.is_a?(Error) ? raise(result) : result
    end
  end
end
