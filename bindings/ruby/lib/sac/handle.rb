# frozen_string_literal: true

module SAC
  # Owns a native client. Closing frees it as soon as no thread uses it any more; where nobody closes
  # it, the garbage collector frees it.
  #
  # @api private
  class Handle
    def initialize(native)
      @owned = [FFI::AutoPointer.new(native, Native.method(:sac_client_free))]
      @pointer = @owned.first
      # Who uses it. A hash, of which each step is atomic, so that no lock is needed.
      @users = {}.compare_by_identity
      @closed = false
    end

    # @yieldparam pointer [FFI::Pointer] may be used within the block
    def use
      token = Object.new
      @users[token] = Thread.current
      # Looked at behind the entry: who closes looks for entries behind closing.
      raise ClientClosed, "the client is closed" if @closed

      yield @pointer
    ensure
      @users.delete(token)
      free_unused if @closed
    end

    # Forgets credentials at once, and frees the rest as soon as it is unused.
    def close
      return if @closed

      use { |pointer| Native.sac_client_reset(pointer) }
      @closed = true
      free_unused
    end

    def closed?
      @closed
    end

    private

    # After a fork, users that live on in the parent alone are no users any more.
    def free_unused
      @owned.pop&.free if @users.to_a.none? { |_, thread| thread.alive? }
    end
  end
end
