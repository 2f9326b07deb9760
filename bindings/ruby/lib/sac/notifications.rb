# frozen_string_literal: true

module SAC
  # The hook that sends an event `request.sac` to ActiveSupport::Notifications for each request, if that is loaded
  # and has a subscriber. The payload has `:method`, `:url` (without query and credentials), `:status`, `:code`,
  # `:error`, `:attempts` and `:elapsed`, the duration of the call in seconds. The event of a stream ends with its head.
  module Notifications
    # The name of the event.
    EVENT = "request.sac"

    # @api private
    def self.listening?
      defined?(ActiveSupport::Notifications) && ActiveSupport::Notifications.notifier.listening?(EVENT)
    end

    # @api private
    def self.call(request)
      ActiveSupport::Notifications.instrument(EVENT, method: request.verb, url: request.url) do |payload|
        yield(request).tap do |response|
          payload.update(%i[status code error attempts elapsed].to_h { |name| [name, response.public_send(name)] })
        end
      end
    end
  end
end
