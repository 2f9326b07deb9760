# frozen_string_literal: true

module SAC
  # Owns a native client. {#close} frees it as soon as no thread uses it. If nobody closes it, the garbage
  # collector frees it.
  #
  # @api private
  class Handle
    def initialize(native)
      @owned = [FFI::AutoPointer.new(native, Native.method(:sac_client_free))]
      @pointer = @owned.first
      # The threads that use it. Operations of a hash are atomic, so no lock is needed.
      @users = {}.compare_by_identity
      @closed = false
    end

    # @param token [Object] of this use only
    # @yieldparam pointer [FFI::Pointer] valid within the block
    def use(token = Object.new)
      @users[token] = Thread.current
      # Read after the entry is in place: close sets the flag before it looks for entries.
      raise ClientClosed, "the client is closed" if @closed

      yield @pointer
    ensure
      @users.delete(token)
      free_unused if @closed
    end

    # Wipes the credentials at once, and frees the rest as soon as it is unused.
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

    # After a fork, threads that exist only in the parent do not count as users.
    def free_unused
      @owned.pop&.free if @users.to_a.none? { |_, thread| thread.alive? }
    end
  end
end
