# frozen_string_literal: true

module SAC
  # The library's stream, and its end. One operation at a time has it; another thread may close it meanwhile. If nobody
  # closes it, the garbage collector does. It refers to no block, because a worker may be the last that refers to it.
  #
  # @api private
  class StreamSource
    # Frees the library's objects. It refers to their arrays, because with the source, the source would never be
    # garbage-collected.
    Release = Struct.new(:streams, :cancels) do
      def call(_object_id)
        free_each(streams, :sac_stream_free)
        free_each(cancels, :sac_cancel_free)
      end

      def free_each(natives, function)
        while (native = natives.pop)
          Native.public_send(function, native)
        end
      end
    end
    private_constant :Release

    # The maximum number of bytes of one reading.
    MAX_PIECE = 65_536

    # @param runtime [Runtime] of the process that opens the stream
    # @param symbolize_names [Boolean] as for the records
    def initialize(runtime, symbolize_names)
      @runtime = runtime
      @symbolize_names = symbolize_names
      # The stream, while no operation uses it. Operations of an array are atomic, so no lock is needed: a finalizer or
      # a signal handler must not take one.
      @idle = []
      @cancels = []
      @closed = @ended = false
      ObjectSpace.define_finalizer(self, Release.new(@idle, @cancels))
    end

    # Takes the stream that a call has opened.
    #
    # @param head [FFI::Pointer] which belongs to the stream
    # @param plan [Plan]
    # @return [Response] the head, which outlives the stream
    def open(native, head, plan)
      response = plan.response(head)
      if response.ok? && response.status < 300
        @response = StoredResponse.copy(response)
        @idle << native
      else
        # It is complete, and nothing can be read.
        @response = plan.response(Native::ResponseMemory.own_head(head, native))
        @ended = true
      end
      @response
    end

    # @return [FFI::Pointer, nil] the native cancel of the stream; nil if it was triggered. {#keep_cancel} gets it back
    def take_cancel
      @cancels.pop
    end

    # @param native [FFI::Pointer] a native cancel that has not been triggered
    def keep_cancel(native)
      @cancels << native
      free_cancel if over?
    end

    # @return [Array<FFI::Pointer>] memory for the number of bytes of a reading, and for the bytes. The operation that
    #   has the stream may use it
    def buffer
      @buffer ||= [FFI::MemoryPointer.new(:size_t), FFI::MemoryPointer.new(:char, MAX_PIECE)]
    end

    # Gives the stream to an operation, or says why that is impossible.
    #
    # @yieldparam native [FFI::Pointer]
    # @yieldreturn [Object, Error, nil] what was read; nil at the end
    # @return [Object, Error, nil]
    def use(operation)
      native = (@idle.pop if @runtime.current_process?) or return obstacle
      begin
        @operation = operation
        # Read after the operation is in place: close sets the flag before it looks for one.
        operation.cancel if @closed
        result = yield native
      ensure
        @operation = nil
        @idle << native
        free if over?
      end
      @closed && !read?(result) ? obstacle : result
    end

    # A record that was read.
    #
    # @param event [FFI::Pointer] of the library's memory
    # @return [Record]
    def record(event)
      type, id, data = Native::EventMemory.fields(event)
      Record.new(type: type, id: id, data: data, symbolize_names: @symbolize_names)
    end

    # Notes the end of the body, or the failure of the stream.
    #
    # @param number [Integer] a code
    # @return [Error, nil]
    def finish(native, number)
      @failure = [Native.code(number), Native.sac_stream_error(native)] unless number.zero?
      @ended = true
      failure
    end

    # @return [Error, nil] a new object, because an error gets its backtrace when it is raised
    def failure
      @failure && Error.for(*@failure, response: @response)
    end

    # Frees the stream, or ends the operation that uses it. Any thread may call it.
    def close
      @closed = true
      Thread.handle_interrupt(Operation::HOLD_INTERRUPTS) { free }
      @operation&.cancel
    end

    def closed?
      @closed
    end

    private

    def over?
      @closed || @ended
    end

    def read?(result)
      !result.nil? && !result.is_a?(Error)
    end

    # The result of an operation that cannot have the stream.
    def obstacle
      @ended ? failure : Error.for(*reason, response: @response)
    end

    def reason
      return [:closed, "the process was forked, and the parent reads the stream"] unless @runtime.current_process?
      return [:cancelled, "the stream is closed"] if @closed
      return [:invalid_argument, "another thread, or a callback, reads the stream at this moment"] if @response

      [:invalid_argument, "nothing can be read: a hook has made the response"]
    end

    def free
      while (native = @idle.pop)
        Native.sac_stream_free(native)
      end
      free_cancel
    end

    # The cancel of a parent process must not be triggered in its child.
    def free_cancel
      while (native = @cancels.pop)
        @runtime.current_process? ? @runtime.return_cancel(native) : Native.sac_cancel_free(native)
      end
    end
  end
end
