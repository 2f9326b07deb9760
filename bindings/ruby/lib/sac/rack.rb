# frozen_string_literal: true

require "rack/body_proxy"
require "sac"

module SAC
  # Rack middleware: a scope of the shared client for each incoming request, in `env["sac.client"]`.
  # The scope ends when the response has been sent, with all its settings.
  #
  #     use SAC::RackScope, client: CLIENT do |scope, env|
  #       scope.add_header("X-Request-Id", env["HTTP_X_REQUEST_ID"]) if env["HTTP_X_REQUEST_ID"]
  #     end
  class RackScope
    # The name in the environment.
    KEY = "sac.client"

    # @param app [#call]
    # @param client [Client] shared by all requests
    # @yieldparam scope [Client] of this request, to configure it
    # @yieldparam env [Hash]
    def initialize(app, client:, &prepare)
      @app = app
      @client = client
      @prepare = prepare
    end

    # @return [Array] status, headers and body; the scope is closed after the body, which may use it
    def call(env)
      scope = @client.scope
      env[KEY] = scope
      begin
        @prepare&.call(scope, env)
        status, headers, body = @app.call(env)
        handed_over = true
        [status, headers, ::Rack::BodyProxy.new(body) { scope.close }]
      ensure
        scope.close unless handed_over
      end
    end
  end
end
