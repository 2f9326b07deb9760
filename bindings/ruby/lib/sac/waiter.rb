# frozen_string_literal: true

module SAC
  # Ends the jobs for which a fiber waits if the fiber is dropped. A dropped fiber runs no `ensure`, but its objects are
  # garbage-collected, and only the fiber refers to this one. Each fiber has one, because a finalizer for each call
  # would make every call slower.
  #
  # @api private
  class Waiter
    # The name of the fiber-local variable.
    NAME = :sac_waiter
    private_constant :NAME

    # @return [Waiter] of the current fiber
    def self.current
      Thread.current[NAME] ||= new
    end

    # A separate method, so that the finalizer does not refer to the object.
    def self.canceller(waits)
      proc { waits.flatten.each(&:cancel) }
    end
    private_class_method :canceller

    def initialize
      # Several, if a callback or a signal handler makes calls during a call.
      @waits = []
      ObjectSpace.define_finalizer(self, Waiter.send(:canceller, @waits))
    end

    # The jobs end with the fiber while the block runs.
    def wait_for(jobs)
      @waits.push(jobs)
      begin
        yield
      ensure
        @waits.pop
      end
    end
  end
end
