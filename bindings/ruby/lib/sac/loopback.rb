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

    # What a client is answered that asks for a URL here, as if it were there.
    #
    # @return [Hash{Symbol => Object}] as {Response#stored}
    def ask(verb, url)
      server = TCPServer.new("127.0.0.1", 0)
      answering = Thread.new { serve(server) }
      plain = url.sub(/\Ahttps:/i, "http:")
      origin = plain[%r{\Ahttp://[^/?#]+}i]
      client = Client.new(origin, proxy: "http://127.0.0.1:#{server.local_address.ip_port}", redirects: 0)
      stored = client.request(verb, plain).stored
      answering.join
      there = url[0, url.size - plain.size + origin.size]
      { **stored, links: stored[:links].transform_values { |link| link.sub(%r{\A#{Regexp.escape(origin)}(?=[/?]|\z)}, there) } }
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
