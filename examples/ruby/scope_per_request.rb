# frozen_string_literal: true

# A Rack application that calls another service on behalf of its users: one client for the whole
# process, and a scope of it for each incoming request. Takes the base URL of the demo server.
require "rack"
require "sac/rack"

CLIENT = SAC::Client.new(ARGV.fetch(0), user_agent: "shop/2.1")

# What the other service received of a call.
def seen(client)
  headers = client.get!("/v1/echo")["headers"]
  "request #{headers['x-request-id'] || 'none'}, authorisation #{headers['authorization'] || 'none'}, " \
    "cookie #{headers['cookie'] || 'none'}, from #{headers['user-agent']}"
end

application = Rack::Builder.app do
  use SAC::RackScope, client: CLIENT do |scope, env|
    scope.add_header("X-Request-Id", env["HTTP_X_REQUEST_ID"])
  end

  run(lambda do |env|
    client = env["sac.client"]
    client.add_bearer(env["HTTP_TOKEN"])
    client.add_cookie("language", env["HTTP_LANGUAGE"]) if env["HTTP_LANGUAGE"]
    [200, {}, ["#{seen(client)}\n"]]
  end)
end

# A server such as Puma does this for each incoming request.
incoming = [%w[a-1 token-of-ada en], ["b-2", "token-of-bob", nil], %w[c-3 token-of-eve fr]]
incoming.each do |id, token, language|
  request = { "HTTP_X_REQUEST_ID" => id, "HTTP_TOKEN" => token, "HTTP_LANGUAGE" => language }
  puts "scope  #{Rack::MockRequest.new(application).get('/', request).body}"
end
puts "shared #{seen(CLIENT)}"
