# frozen_string_literal: true

require "ffi"
require "json"

# The Simple API Client: calls JSON APIs through libsac.
#
#     client = SAC::Client.new("https://api.example.com", bearer: token, timeout: 5, retries: 3)
#     response = client.get("/v1/users/42")
#     response.ok? ? response["name"] : response.error
module SAC
  # Only tests need it, so only they load it.
  autoload :Loopback, "#{__dir__}/sac/loopback"

  # @return [String] the version of the loaded library
  def self.library_version
    Native.sac_version
  end
end

require_relative "sac/version"
require_relative "sac/error"
require_relative "sac/codes"
require_relative "sac/status_errors"
require_relative "sac/native"
require_relative "sac/native/response_memory"
require_relative "sac/native/event_memory"
require_relative "sac/text"
require_relative "sac/json_text"
require_relative "sac/seconds"
require_relative "sac/signed_cookie"
require_relative "sac/webhook"
require_relative "sac/redacted"
require_relative "sac/attempt"
require_relative "sac/body_source"
require_relative "sac/callback_targets"
require_relative "sac/token"
require_relative "sac/callbacks"
require_relative "sac/setting"
require_relative "sac/headers"
require_relative "sac/values"
require_relative "sac/response"
require_relative "sac/stored_response"
require_relative "sac/cancel"
require_relative "sac/part"
require_relative "sac/request"
require_relative "sac/plan"
require_relative "sac/operation"
require_relative "sac/call"
require_relative "sac/interrupt_watcher"
require_relative "sac/waiter"
require_relative "sac/worker_pool"
require_relative "sac/runtime"
require_relative "sac/handle"
require_relative "sac/notifications"
require_relative "sac/record"
require_relative "sac/stream_source"
require_relative "sac/stream_operations"
require_relative "sac/stream"
require_relative "sac/calls"
require_relative "sac/streams"
require_relative "sac/credentials"
require_relative "sac/client"
