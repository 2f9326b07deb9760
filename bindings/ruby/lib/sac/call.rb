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
    # @param log_target [LogTarget, nil] of the client, which must outlive the call
    # @param client_targets [Array, nil] of the client's other callbacks, which must outlive the call
    def initialize(handle, plan, runtime, log_target, client_targets)
      @handle = handle
      @plan = plan
      @runtime = runtime
      @log_target = log_target
      @client_targets = client_targets
      @calls_back = log_target || client_targets || plan.targets ? true : false
      @reentered = client_targets && plan.client_credentials? && TokenTarget.calling?(client_targets)
      @caller = Thread.current
      # The native cancel, while the call can be cancelled. The thread that removes it owns it, so that nobody
      # triggers it for a later call or after it was freed.
      @native_cancels = []
      @cancelled = false
    end

    # Whether the call runs code of the caller. That code may be left as usual: by an interrupt, `break`,
    # `throw` or a switch to another fiber.
    def runs_code_of_caller?
      !@plan.targets.nil? || !@client_targets.nil?
    end

    # Whether the library may call back during the call.
    def calls_back?
      @calls_back
    end

    # Like {Runtime#current_process?}.
    def current_process?
      @runtime.current_process?
    end

    # Whether the thread that made the call has died.
    def caller_dead?
      !@caller.alive?
    end

    # Returns the targets of all callbacks, if there are any, and drops them: the waiting thread keeps them alive.
    def release_targets
      return unless @calls_back

      targets = [@log_target, @client_targets, @plan.targets]
      @log_target = @client_targets = @plan.targets = nil
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
      @handle.use(self) do |client|
        raise @plan.error if @plan.error
        return error_response(reentry_error) if @reentered

        @plan.scope? ? with_scope(client) { |scope| send_to(scope) } : send_to(client)
      end
    rescue InputError, InternalError => e
      # InternalError: there is no free descriptor for a cancel.
      error_response(e)
    end

    # @param error [Error]
    # @return [Response] of a call that was not made
    def error_response(error)
      @plan.error_response(error)
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

    # Makes {#run} raise an error that a callback raised.
    def fail_with(error)
      @failure = error if @failure.nil?
    end

    private

    def reentry_error
      Error.for(:token, "the source of a token made a call that needs this token; use a client without it")
    end

    # A scope of the client, for a call with its own cookies or without credentials.
    def with_scope(client)
      scope = Native.sac_client_clone(client)
      begin
        Native.sac_remove_header(scope, "Authorization") if @plan.without_credentials
        @plan.cookies.each { |name, value| Native.check(Native.call(:sac_add_cookie, scope, name, value), "cookie #{name}") }
        yield scope
      ensure
        Native.sac_client_free(scope)
      end
    end

    def send_to(client)
      request = new_request
      @plan.steps.each { |step| apply(request, step) }
      with_cancel(request, @runtime.checkout_cancel) do
        native = with_callbacks { Native.sac_send(client, request) }
        @plan.response(Native::ResponseMemory.own(native))
      end
    ensure
      Native.sac_request_free(request) if request
    end

    def new_request
      out = @runtime.checkout_out
      number = begin
        Native.sac_request_new(@plan.verb, @plan.path, out)
      rescue ArgumentError => e
        Native.code_for_nul(e, :sac_request_new, @plan.verb)
      end
      raise Native.error_for(number, @plan.request_line) unless number.zero?

      out.read_pointer
    ensure
      @runtime.return_out(out)
    end

    def apply(request, step)
      function, *arguments = step
      number = Native.call(function, request, *arguments)
      raise Native.error_for(number, argument_name(function, arguments)) unless number.zero?
    end

    def with_cancel(request, native, &block)
      Native.sac_request_set_cancel(request, native)
      @native_cancels << native
      # Read after the native cancel is in place: an earlier cancel found nothing to trigger.
      cancel if @cancelled
      cancels = @plan.cancels
      block = cancels.reduce(block) { |inner, source| -> { source.during(self, &inner) } } unless cancels.empty?
      @runtime.interrupt_watcher.watch(self, &block)
    ensure
      unused = @native_cancels.pop
      @runtime.return_cancel(unused) if unused
    end

    def with_callbacks(&block)
      @calls_back ? Callbacks.with_context(@context, &block) : yield
    end

    # Names the refused argument, without its value, which may be secret.
    def argument_name(function, arguments)
      name = function.to_s.sub(/\Asac_request_(set_|add_)?/, "").tr("_", " ")
      %i[sac_request_set_header sac_request_add_query].include?(function) ? "#{name} #{arguments.first}" : name
    end
  end
end
