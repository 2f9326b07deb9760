# frozen_string_literal: true

module SAC
  # Ends calls early: every call that is given it ends with the code `:cancelled`, in whatever it
  # waits for. Once triggered it stays so.
  #
  #     cancel = SAC::Cancel.new
  #     Signal.trap("TERM") { cancel.trigger }
  #     client.get("/v1/report", cancel: cancel)
  class Cancel
    def initialize
      # A hash, of which each step is atomic: a lock could not be taken within a signal handler.
      @calls = {}.compare_by_identity
      @triggered = false
    end

    # Ends the calls that carry it, and those that will. Any thread, and within `Signal.trap` too.
    #
    # @return [self]
    def trigger
      @triggered = true
      # A copy, since calls come and go meanwhile.
      calls = @calls.keys
      calls.each(&:end_early)
      self
    end

    def triggered?
      @triggered
    end

    # Says nothing of the calls.
    def inspect
      "#<#{self.class}#{' triggered' if triggered?}>"
    end

    # Lets it end a call while the block runs.
    #
    # @api private
    def over(call)
      @calls[call] = true
      # Looked at behind the entry: a trigger in between finds the call or is found here.
      call.end_early if @triggered
      yield
    ensure
      @calls.delete(call)
    end
  end
end
