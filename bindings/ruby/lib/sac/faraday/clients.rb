# frozen_string_literal: true

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # The clients of an adapter, by their keys, with a maximum for each origin. Beyond it, the least recently used
    # client is removed, and closed when its calls have ended.
    #
    # @api private
    class Clients
      # For one origin, and in total.
      MAX_PER_ORIGIN = 4
      MAX = 64
      Entry = Struct.new(:client, :users, :removed)
      private_constant :MAX_PER_ORIGIN, :MAX, :Entry

      # @yieldparam key the members of a key; the origin is the first
      # @yieldreturn [Client]
      def initialize(&factory)
        @factory = factory
        # The most recently used one is the last.
        @entries = {}
        @lock = Mutex.new
      end

      # @return [Client] which another call may close
      def get(key)
        @lock.synchronize { entry(key).client }
      end

      # @yieldparam client [Client] which stays open during the block
      def use(key)
        entry = @lock.synchronize { entry(key).tap { |used| used.users += 1 } }
        yield entry.client
      ensure
        @lock.synchronize { release(entry) } if entry
      end

      # Closes all clients when their calls have ended.
      def close
        @lock.synchronize { remove(@entries.first.first) until @entries.empty? }
      end

      private

      def entry(key)
        entry = @entries.delete(key) || Entry.new(@factory.call(*key), 0, false)
        @entries[key] = entry
        same_origin = @entries.keys.select { |other| other.first == key.first }
        remove(same_origin.first) if same_origin.size > MAX_PER_ORIGIN
        remove(@entries.first.first) if @entries.size > MAX
        entry
      end

      def remove(key)
        entry = @entries.delete(key)
        entry.removed = true
        entry.client.close if entry.users.zero?
      end

      def release(entry)
        entry.users -= 1
        entry.client.close if entry.removed && entry.users.zero?
      end
    end
  end
end
