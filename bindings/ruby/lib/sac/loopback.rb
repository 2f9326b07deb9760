# frozen_string_literal: true

require "socket"

module SAC
  # Answers one request over a socket of this machine: what {Response.build} makes responses of.
  #
  # @api private
  class Loopback
    def initialize(status, reason, headers, body)
      json = !body.is_a?(String)
      bytes = (json ? JSONText.generate(body) : body).b
      fields = { "Content-Length" => bytes.bytesize, "Connection" => "close" }
      fields["Content-Type"] = "application/json" if json
      lines = [*fields, *Text.fields("headers", headers)].map { |name, value| "#{name}: #{value}\r\n" }
      @answer = "HTTP/1.1 #{status} #{reason}\r\n#{lines.join}\r\n".b + bytes
    end

    # The response of a client that asks for a URL here, as if it were there.
    def ask(verb, url)
      server = TCPServer.new("127.0.0.1", 0)
      answering = Thread.new { serve(server) }
      target = url.sub(/\Ahttps:/i, "http:")
      origin = target[%r{\Ahttp://[^/?#]+}i]
      client = Client.new(origin, proxy: "http://127.0.0.1:#{server.local_address.ip_port}", redirects: 0)
      client.request(verb, target).tap { answering.join }
    ensure
      server.close
    end

    private

    def serve(server)
      socket = server.accept
      nil until ["\r\n", nil].include?(socket.gets)
      socket.write(@answer)
    ensure
      socket&.close
    end
  end
end
