# frozen_string_literal: true

require "webmock"
require_relative "../support/secure_server"
require_relative "../support/server"

# The servers for the names in Faraday's examples, over real connections: an origin on ports 80 and 443 of one
# address, and a proxy on port 80 of another. Their responses are those of WebMock's stubs.
class StubServer
  ORIGIN = "127.0.0.2"
  PROXY = "127.0.0.3"
  AUTHORITY = Object.new.extend(SecureServer)

  # A server that can stop accepting connections.
  class StoppableServer < Server
    # After this, no connection is accepted, because the kernel's queue is full.
    def stop_accepting
      @threads.first.kill.join
      @socket.listen(0)
      @fillers = Array.new(2) do
        Socket.new(:INET, :STREAM).tap { |filler| filler.connect_nonblock(@socket.local_address, exception: false) }
      end
    end

    def close
      super
      @fillers&.each(&:close)
    end
  end

  def initialize
    @tls = AUTHORITY.tls_context
    @proxy = StoppableServer.new(address: PROXY, port: 80) { |request| relay(request) }
    http = StoppableServer.new(address: ORIGIN, port: 80) { |request| respond("http://example.com", request) }
    https = StoppableServer.new(address: ORIGIN, port: 443, tls: @tls) { |request| respond("https://example.com", request) }
    @servers = [@proxy, http, https]
  end

  # @return [Integer] the number of requests that the proxy has received, including those in a tunnel
  def proxied
    @proxy.requests.size
  end

  # After this, connections wait until they time out.
  def stop_accepting
    @servers.each(&:stop_accepting)
  end

  def close
    @servers.each(&:close)
  end

  private

  def relay(request)
    case request.path
    when "example.com:443" then method(:tunnel)
    when %r{\A/} then respond("https://example.com", request)
    else respond("", request)
    end
  end

  # The proxy is also the server at the end of the tunnel.
  def tunnel(socket)
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
    OpenSSL::SSL::SSLSocket.new(socket, @tls).tap { |secured| secured.sync_close = true }.accept
  end

  def respond(origin, request)
    signature = WebMock::RequestSignature.new(request.verb.downcase, origin + request.path,
                                              headers: request.headers, body: request.body)
    WebMock::RequestRegistry.instance.requested_signatures.put(signature)
    stubbed = WebMock::StubRegistry.instance.response_for_request(signature)
    stubbed ? text(request, stubbed) : Server.response(signature.to_s, status: "501 No Stub")
  end

  def text(request, stubbed)
    fields = { "Content-Length" => stubbed.body.bytesize, **stubbed.headers.to_h }
    lines = fields.flat_map { |name, values| [*values].map { |value| "#{name}: #{value}\r\n" } }
    body = request.verb == "HEAD" ? "" : stubbed.body
    "HTTP/1.1 #{stubbed.status.join(' ')}\r\n#{lines.join}\r\n#{body}"
  end
end
