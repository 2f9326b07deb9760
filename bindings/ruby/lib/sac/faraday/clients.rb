# frozen_string_literal: true

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # The clients of an adapter, by what they are made from. There are a few for each origin at most: the
    # one that was not used for longest makes room. It is closed when its calls are over.
    #
    # @api private
    class Clients
      # For one origin, and in all.
      MOST_OF_ORIGIN = 4
      MOST = 64
      Entry = Struct.new(:client, :users, :removed)
      private_constant :MOST_OF_ORIGIN, :MOST, :Entry

      # @yieldparam key the members of a key, the origin first
      # @yieldreturn [Client]
      def initialize(&maker)
        @maker = maker
        # The one that was used last is at the end.
        @entries = {}
        @lock = Mutex.new
      end

      # @return [Client] for a look; another call may close it
      def get(key)
        @lock.synchronize { entry(key).client }
      end

      # @yieldparam client [Client] which stays open during the block
      def use(key)
        entry = @lock.synchronize { entry(key).tap { |found| found.users += 1 } }
        yield entry.client
      ensure
        @lock.synchronize { release(entry) } if entry
      end

      # Closes all of them when their calls are over.
      def close
        @lock.synchronize { remove(@entries.first.first) until @entries.empty? }
      end

      private

      def entry(key)
        found = @entries.delete(key) || Entry.new(@maker.call(*key), 0, false)
        @entries[key] = found
        same_origin = @entries.keys.select { |other| other.first == key.first }
        remove(same_origin.first) if same_origin.size > MOST_OF_ORIGIN
        remove(@entries.first.first) if @entries.size > MOST
        found
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
