# frozen_string_literal: true

require "socket"

module SAC
  # A server for one request on this machine, with which {Response.build} makes responses.
  #
  # @api private
  class Loopback
    def initialize(status, reason, headers, body)
      json = !body.is_a?(String)
      bytes = (json ? JSONText.generate(body) : body).b
      fields = { "Content-Length" => bytes.bytesize, "Connection" => "close" }
      fields["Content-Type"] = "application/json" if json
      lines = [*fields, *Text.fields("headers", headers)].map { |name, value| "#{name}: #{value}\r\n" }
      @http_response = "HTTP/1.1 #{status} #{reason}\r\n#{lines.join}\r\n".b + bytes
    end

    # Gets the response from this server, as if it came from the URL.
    #
    # @return [Hash{Symbol => Object}] as {Response#stored}
    # @raise [ArgumentError] if there is no such request
    def fetch(verb, url)
      plain = url.sub(/\Ahttps:/i, "http:")
      origin = plain[%r{\Ahttp://[^/?#]+}i]
      stored = with_server { |proxy| response_from(Client.new(origin, proxy: proxy, redirects: 0), verb, plain) }.stored
      target = url[0, url.size - plain.size + origin.size]
      { **stored, links: stored[:links].transform_values { |link| link.sub(%r{\A#{Regexp.escape(origin)}(?=[/?]|\z)}, target) } }
    rescue InputError => e
      raise ArgumentError, "no response can be built: #{e.message}"
    end

    private

    def response_from(client, verb, url)
      response = client.request(verb, url)
      raise response.exception if response.exception.is_a?(InputError)

      response
    end

    # @yieldparam url [String] of the server, which runs during the block
    def with_server
      server = TCPServer.new("127.0.0.1", 0)
      thread = Thread.new { serve(server) }
      yield "http://127.0.0.1:#{server.local_address.ip_port}"
    ensure
      # Closing also ends a server without a connection.
      server&.close
      thread&.join
    end

    def serve(server)
      socket = server.accept
      nil until ["\r\n", nil].include?(socket.gets)
      socket.write(@http_response)
    rescue IOError, SystemCallError
      # The server or the client closed.
      nil
    ensure
      socket&.close
    end
  end
end
