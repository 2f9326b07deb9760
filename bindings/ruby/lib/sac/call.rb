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
    # @param keep [Array] the targets of the client's callbacks, which have to outlive the call
    def initialize(handle, plan, runtime, keep)
      @handle = handle
      @plan = plan
      @runtime = runtime
      @keep = keep
      @caller = Thread.current
      # The native cancel, while the call may be ended. The thread that takes it out owns it, so that
      # it is never triggered for a later call, nor after it was freed.
      @armed = []
      @ended = false
    end

    # Whether the call runs code of the caller's as a matter of course, which has to be left as it may
    # be anywhere else: by an interrupt, `break`, `throw` or a switch to another fiber.
    def calls_back?
      !@plan.targets.nil? || @keep.any?(RetryTarget)
    end

    # As {Runtime#here?}.
    def here?
      @runtime.here?
    end

    # Whether the thread that made the call has died.
    def forsaken?
      !@caller.alive?
    end

    # Hands over the targets of all callbacks, for the thread that waits to keep.
    def release_targets
      kept = [@keep, @plan.targets]
      @keep = @plan.targets = nil
      kept
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
    # @param context [#call_back, #give_up] whom callbacks concern
    # @return [Response]
    def perform(context)
      @context = context
      @handle.use do |client|
        raise @plan.error if @plan.error

        with_scope(client) { |scope| with_request { |request| send_request(scope, request, context) } }
      end
    rescue InputError, InternalError => e
      # Internal: no descriptor is left for a cancel.
      refuse(e)
    end

    # @param error [Error]
    # @return [Response] that of a call which was not made
    def refuse(error)
      StoredResponse.of_error(error, **@plan.told)
    end

    # Ends it within 100 ms, with the code `:cancelled`. Any thread, and within `Signal.trap` too.
    def end_early
      Thread.handle_interrupt(NEVER) do
        @ended = true
        # The descriptors of a cancel are shared with the process that it was copied from.
        native = @armed.pop if here?
        if native
          Native.sac_cancel_trigger(native)
          Native.sac_cancel_free(native)
        end
        @context&.give_up
      end
    end

    # A callback on the thread that is in the call needs nobody else.
    def give_up; end

    # Runs a callback on top of the library's frames, which nothing may unwind: what it raises comes
    # up again once the call is over.
    def call_back(target, arguments)
      left = true
      result = Callbacks.run(target, arguments)
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

    # A scope of the client, where the call has cookies of its own or leaves the credentials behind.
    def with_scope(client)
      return yield client if @plan.cookies.empty? && !@plan.anonymous

      scope = Native.sac_client_clone(client)
      begin
        Native.sac_remove_header(scope, "Authorization") if @plan.anonymous
        @plan.cookies.each { |name, value| Native.check(Native.ask(:sac_add_cookie, scope, name, value), "cookie #{name}") }
        yield scope
      ensure
        Native.sac_client_free(scope)
      end
    end

    def with_request
      out = FFI::MemoryPointer.new(:pointer)
      number = Native.ask(:sac_request_new, @plan.verb, @plan.path, out)
      raise Native.refusal(number, @plan.what_is_asked) unless number.zero?

      request = out.read_pointer
      begin
        yield request
      ensure
        Native.sac_request_free(request)
      end
    end

    def send_request(client, request, context)
      @plan.steps.each do |function, *arguments|
        number = Native.ask(function, request, *arguments)
        raise Native.refusal(number, what(function, arguments)) unless number.zero?
      end
      cancel = @runtime.take_cancel
      with_cancel(request, cancel) do
        native = Callbacks.within(context) { Native.sac_send(client, request) }
        Response.new(Native::ResponsePointer.new(native), **@plan.told)
      end
    end

    def with_cancel(request, native, &block)
      Native.sac_request_set_cancel(request, native)
      @armed << native
      # Looked at behind the arming: who ended it in between found nothing to trigger.
      end_early if @ended
      @runtime.sentinel.watch(self) { @plan.cancels.reduce(block) { |inner, cancel| -> { cancel.over(self, &inner) } }.call }
    ensure
      unused = @armed.pop
      @runtime.put_back(unused) if unused
    end

    # Names what was refused, but no value, which may be secret.
    def what(function, arguments)
      name = function.to_s.sub(/\Asac_request_(set_|add_)?/, "").tr("_", " ")
      %i[sac_request_set_header sac_request_add_query].include?(function) ? "#{name} #{arguments.first}" : name
    end
  end
end
