# frozen_string_literal: true

module SAC
  # Durations as whole seconds for the library.
  #
  # @api private
  module Seconds
    # Rounded up, because 0 means no limit. Nil means no limit too.
    #
    # @raise [ArgumentError] if the duration is not positive
    def self.whole(name, duration)
      return 0 if duration.nil?
      raise ArgumentError, "#{name} must be positive, or nil for any" unless duration.positive?

      duration.ceil
    end
  end
end
