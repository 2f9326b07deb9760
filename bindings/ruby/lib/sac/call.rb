# frozen_string_literal: true

module SAC
  # One call: makes the request, sends it on the thread that runs it, and frees everything in all cases.
  # Another thread may cancel it.
  #
  # @api private
  class Call
    # The mask for `Thread.handle_interrupt`. An exception from another thread in the middle of the work would
    # leave native memory without an owner.
    HOLD_INTERRUPTS = { Object => :never }.freeze

    # @param handle [Handle] of the client
    # @param plan [Plan]
    # @param client_targets [Array] the targets of the client's callbacks, which must outlive the call
    def initialize(handle, plan, runtime, client_targets)
      @handle = handle
      @plan = plan
      @runtime = runtime
      @client_targets = client_targets
      @caller = Thread.current
      # The native cancel, while the call can be cancelled. The thread that removes it owns it, so that nobody
      # triggers it for a later call or after it was freed.
      @native_cancels = []
      @cancelled = false
    end

    # Whether the call runs code of the caller. That code may be left as usual: by an interrupt, `break`,
    # `throw` or a switch to another fiber.
    def callbacks?
      !@plan.targets.nil? || @client_targets.any?(RetryTarget)
    end

    # Like {Runtime#current_process?}.
    def current_process?
      @runtime.current_process?
    end

    # Whether the thread that made the call has died.
    def caller_dead?
      !@caller.alive?
    end

    # Returns the targets of all callbacks, and drops them: the waiting thread keeps them alive.
    def release_targets
      targets = [@client_targets, @plan.targets]
      @client_targets = @plan.targets = nil
      targets
    end

    # Runs on the calling thread.
    #
    # @return [Response]
    # @raise [Exception] what a callback raised
    def run
      response = Thread.handle_interrupt(HOLD_INTERRUPTS) { perform(self) }
      raise @failure if @failure

      response
    end

    # Runs with interrupts masked.
    #
    # @param context [#dispatch_callback, #stop_waiting] runs the callbacks
    # @return [Response]
    def perform(context)
      @context = context
      @handle.use do |client|
        raise @plan.error if @plan.error

        with_scope(client) { |scope| with_request { |request| send_request(scope, request, context) } }
      end
    rescue InputError, InternalError => e
      # InternalError: there is no free descriptor for a cancel.
      error_response(e)
    end

    # @param error [Error]
    # @return [Response] of a call that was not made
    def error_response(error)
      StoredResponse.of_error(error, **@plan.response_context)
    end

    # Ends the call within 100 ms, with the code `:cancelled`. Any thread may call it, and `Signal.trap` too.
    def cancel
      Thread.handle_interrupt(HOLD_INTERRUPTS) do
        @cancelled = true
        # After a fork, the parent still uses the descriptors of the cancel.
        native = @native_cancels.pop if current_process?
        if native
          Native.sac_cancel_trigger(native)
          Native.sac_cancel_free(native)
        end
        @context&.stop_waiting
      end
    end

    # Nobody waits: the callback runs on the thread that is in the call.
    def stop_waiting; end

    # Runs a callback above the library's frames, which must not be unwound: {#run} raises the callback's
    # exception after the call.
    def dispatch_callback(target, arguments)
      unwinding = true
      result = Callbacks.run(target, arguments)
      unwinding = false
      result
    rescue Exception => e # rubocop:disable Lint/RescueException
      unwinding = false
      @failure ||= e
      nil
    ensure
      if unwinding
        @failure ||= LocalJumpError.new("a callback cannot be left by throw, break or Thread.exit")
        return nil # rubocop:disable Lint/EnsureReturn
      end
    end

    private

    # A scope of the client if the call has its own cookies, or is without credentials; else the client.
    def with_scope(client)
      return yield client if @plan.cookies.empty? && !@plan.without_credentials

      scope = Native.sac_client_clone(client)
      begin
        Native.sac_remove_header(scope, "Authorization") if @plan.without_credentials
        @plan.cookies.each { |name, value| Native.check(Native.call(:sac_add_cookie, scope, name, value), "cookie #{name}") }
        yield scope
      ensure
        Native.sac_client_free(scope)
      end
    end

    def with_request
      out = FFI::MemoryPointer.new(:pointer)
      number = Native.call(:sac_request_new, @plan.verb, @plan.path, out)
      raise Native.error_for(number, @plan.request_line) unless number.zero?

      request = out.read_pointer
      begin
        yield request
      ensure
        Native.sac_request_free(request)
      end
    end

    def send_request(client, request, context)
      @plan.steps.each do |function, *arguments|
        number = Native.call(function, request, *arguments)
        raise Native.error_for(number, argument_name(function, arguments)) unless number.zero?
      end
      with_cancel(request, @runtime.checkout_cancel) do
        native = Callbacks.with_context(context) { Native.sac_send(client, request) }
        Response.new(Native::ResponsePointer.new(native), **@plan.response_context)
      end
    end

    def with_cancel(request, native, &block)
      Native.sac_request_set_cancel(request, native)
      @native_cancels << native
      # Read after the native cancel is in place: an earlier cancel found nothing to trigger.
      cancel if @cancelled
      nested = @plan.cancels.reduce(block) { |inner, source| -> { source.during(self, &inner) } }
      @runtime.interrupt_watcher.watch(self, &nested)
    ensure
      unused = @native_cancels.pop
      @runtime.return_cancel(unused) if unused
    end

    # Names the refused argument, without its value, which may be secret.
    def argument_name(function, arguments)
      name = function.to_s.sub(/\Asac_request_(set_|add_)?/, "").tr("_", " ")
      %i[sac_request_set_header sac_request_add_query].include?(function) ? "#{name} #{arguments.first}" : name
    end
  end
end
