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
    # @raise [ArgumentError] if there is no such request
    def ask(verb, url)
      plain = url.sub(/\Ahttps:/i, "http:")
      origin = plain[%r{\Ahttp://[^/?#]+}i]
      stored = listening { |proxy| answered(Client.new(origin, proxy: proxy, redirects: 0), verb, plain) }.stored
      there = url[0, url.size - plain.size + origin.size]
      { **stored, links: stored[:links].transform_values { |link| link.sub(%r{\A#{Regexp.escape(origin)}(?=[/?]|\z)}, there) } }
    rescue InputError => e
      raise ArgumentError, "no response can be built: #{e.message}"
    end

    private

    def answered(client, verb, url)
      response = client.request(verb, url)
      raise response.exception if response.exception.is_a?(InputError)

      response
    end

    # @yieldparam url [String] of the server, while it is there
    def listening
      server = TCPServer.new("127.0.0.1", 0)
      answering = Thread.new { serve(server) }
      yield "http://127.0.0.1:#{server.local_address.ip_port}"
    ensure
      # Nobody may have connected.
      server&.close
      answering&.join
    end

    def serve(server)
      socket = server.accept
      nil until ["\r\n", nil].include?(socket.gets)
      socket.write(@answer)
    rescue IOError, SystemCallError
      # The server was closed, or the client has gone.
      nil
    ensure
      socket&.close
    end
  end
end
