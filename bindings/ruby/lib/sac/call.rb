# frozen_string_literal: true

module SAC
  # One call: makes the request, sends it on the thread that runs it, and sees to it that whatever
  # happens nothing is left behind. Another thread may end it early.
  #
  # @api private
  class Call
    # What holds interrupts off: an exception raised by another thread in the middle of the work
    # would leave native memory without an owner.
    NEVER = { Object => :never }.freeze

    # @param handle [Handle] the client's
    # @param plan [Plan]
    # @param keep [Object] what has to outlive the call: the targets of the client's callbacks
    def initialize(handle, plan, runtime, keep)
      @handle = handle
      @plan = plan
      @runtime = runtime
      @keep = keep
      # The native cancel, while the call may be ended. Who takes it out has it for his own, so that
      # it is never triggered for a later call, nor after it was freed.
      @armed = []
      @ended = false
    end

    # As {Plan#calls_back?}.
    def calls_back?
      @plan.calls_back?
    end

    # Runs on the calling thread.
    #
    # @return [Response]
    # @raise [Exception] what a callback raised
    def run
      response = Thread.handle_interrupt(NEVER) { perform(self) }
      raise @failure if @failure

      response
    end

    # Runs with interrupts held off.
    #
    # @param context [#call_back] whom callbacks concern
    # @return [Response]
    def perform(context)
      @handle.use { |client| with_request { |request| send_request(client, request, context) } }
    end

    # Ends it within 100 ms, with the code `:cancelled`. Any thread, and within `Signal.trap` too.
    def end_early
      Thread.handle_interrupt(NEVER) do
        @ended = true
        # The descriptors of a cancel are shared with the process that it was copied from.
        native = @armed.pop if @runtime.here?
        next unless native

        Native.sac_cancel_trigger(native)
        Native.sac_cancel_free(native)
      end
    end

    # Runs a callback on top of the library's frames, which nothing may unwind: what it raises comes
    # up again once the call is over.
    def call_back(target, arguments)
      left = true
      result = target.call(*arguments)
      left = false
      result
    rescue Exception => e # rubocop:disable Lint/RescueException
      left = false
      @failure ||= e
      nil
    ensure
      if left
        @failure ||= LocalJumpError.new("a callback cannot be left by throw, break or Thread.exit")
        return nil # rubocop:disable Lint/EnsureReturn
      end
    end

    private

    def with_request
      out = FFI::MemoryPointer.new(:pointer)
      number = Native.sac_request_new(@plan.method, @plan.path, out)
      return refuse(number, what_was_asked) unless number.zero?

      request = out.read_pointer
      begin
        yield request
      ensure
        Native.sac_request_free(request)
      end
    end

    def send_request(client, request, context)
      @plan.steps.each do |function, *arguments|
        number = Native.public_send(function, request, *arguments)
        return refuse(number, what(function, arguments)) unless number.zero?
      end
      cancel = @runtime.take_cancel
      with_cancel(request, cancel) do
        native = Callbacks.within(context) { Native.sac_send(client, request) }
        Response.new(Native::ResponsePointer.new(native), symbolize_names: @plan.symbolize_names)
      end
    rescue InternalError => e
      # No descriptor is left for a cancel.
      Refusal.new(e, symbolize_names: @plan.symbolize_names)
    end

    def with_cancel(request, native, &block)
      Native.sac_request_set_cancel(request, native)
      @armed << native
      # Looked at behind the arming: who ended it in between found nothing to trigger.
      end_early if @ended
      @runtime.sentinel.watch(self) { @plan.cancel ? @plan.cancel.over(self, &block) : yield }
    ensure
      unused = @armed.pop
      @runtime.put_back(unused) if unused
    end

    def refuse(number, what)
      Refusal.new(Native.refusal(number, what), symbolize_names: @plan.symbolize_names)
    end

    # Without the query, which may hold what is secret.
    def what_was_asked
      "#{@plan.method} #{@plan.path.to_s.b[/\A[^?]*/]}".dup.force_encoding(Encoding::UTF_8).scrub
    end

    # Names what was refused, but no value, which may be secret.
    def what(function, arguments)
      name = function.to_s.sub(/\Asac_request_(set_|add_)?/, "").tr("_", " ")
      %i[sac_request_set_header sac_request_add_query].include?(function) ? "#{name} #{arguments.first}" : name
    end
  end
end
