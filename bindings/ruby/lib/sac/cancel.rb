# frozen_string_literal: true

module SAC
  # Cancels calls: each call with this cancel ends with the code `:cancelled`, in every phase. A triggered
  # cancel stays triggered.
  #
  #     cancel = SAC::Cancel.new
  #     Signal.trap("TERM") { cancel.trigger }
  #     client.get("/v1/report", cancel: cancel)
  class Cancel
    def initialize
      # A hash, because its operations are atomic: a signal handler must not take a lock.
      @calls = {}.compare_by_identity
      @triggered = false
    end

    # Ends the calls with this cancel, and later ones. Any thread may call it, and `Signal.trap` too.
    #
    # @return [self]
    def trigger
      @triggered = true
      # A copy, because other threads add and remove calls.
      calls = @calls.keys
      calls.each(&:cancel)
      self
    end

    def triggered?
      @triggered
    end

    # Does not show the calls.
    def inspect
      "#<#{self.class}#{' triggered' if triggered?}>"
    end

    # Can end a call while the block runs.
    #
    # @api private
    def during(call)
      @calls[call] = true
      # Read after the entry: if a trigger runs meanwhile, either it finds the call, or it is seen here.
      call.cancel if @triggered
      yield
    ensure
      @calls.delete(call)
    end
  end
end
