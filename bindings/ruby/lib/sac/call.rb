# frozen_string_literal: true

module SAC
  # One call: makes the request, sends it on the thread that runs it, and frees everything in all cases.
  #
  # @api private
  class Call < Operation
    # @param handle [Handle] of the client
    # @param plan [Plan]
    # @param log_target [LogTarget, nil] of the client, which must outlive the call
    # @param retry_target [RetryTarget, nil] of the client, which must outlive the call
    def initialize(handle, plan, runtime, log_target, retry_target)
      super(runtime, log_target || retry_target || plan.targets ? true : false)
      @handle = handle
      @plan = plan
      @log_target = log_target
      @retry_target = retry_target
    end

    # Whether the call runs code of the caller. That code may be left as usual: by an interrupt, `break`,
    # `throw` or a switch to another fiber.
    def runs_code_of_caller?
      !@plan.targets.nil? || !@retry_target.nil?
    end

    # Returns the targets of all callbacks, if there are any, and drops them: the waiting thread keeps them alive.
    def release_targets
      return unless calls_back?

      targets = [@log_target, @retry_target, @plan.targets]
      @log_target = @retry_target = @plan.targets = nil
      targets
    end

    # Runs with interrupts masked.
    #
    # @param context [#dispatch_callback, #stop_waiting] runs the callbacks
    # @return [Response]
    def perform(context)
      @context = context
      @handle.use(self) do |client|
        raise @plan.error if @plan.error

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

    private

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
      native = @runtime.checkout_cancel
      Native.sac_request_set_cancel(request, native)
      with_cancel(native, @plan.cancels) { exchange(client, request) }
    ensure
      Native.sac_request_free(request) if request
    end

    # @return [Response]
    def exchange(client, request)
      native = with_callbacks { Native.sac_send(client, request) }
      @plan.response(Native::ResponseMemory.own(native))
    end

    def keep_cancel(native)
      @runtime.return_cancel(native)
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

    # Names the refused argument, without its value, which may be secret.
    def argument_name(function, arguments)
      name = function.to_s.sub(/\Asac_request_(set_|add_)?/, "").tr("_", " ")
      %i[sac_request_set_header sac_request_add_query].include?(function) ? "#{name} #{arguments.first}" : name
    end
  end
end
