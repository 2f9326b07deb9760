# frozen_string_literal: true

require "json"
require "socket"
require "timeout"

# A server whose responses come from a block. It keeps connections open, and runs on threads of this process, so a
# call that blocks other threads would never get a response.
class Server
  # The maximum duration of any step of a test, in seconds, even on a busy machine.
  TIMEOUT = 30

  Request = Struct.new(:verb, :path, :headers, :body, :connection, keyword_init: true) do
    def json
      JSON.parse(body)
    end
  end

  # The raw text of a response.
  def self.response(body = "{}", status: "200 OK", headers: {})
    body = JSON.generate(body) unless body.is_a?(String)
    fields = { "Content-Type" => "application/json", "Content-Length" => body.bytesize, **headers }
    "HTTP/1.1 #{status}\r\n#{fields.map { |name, value| "#{name}: #{value}\r\n" }.join}\r\n#{body}"
  end

  # Runs a server in a child process, so that its memory is not measured with the client's.
  #
  # @yieldparam url [String]
  def self.in_child(response)
    ready, ready_in = IO.pipe
    pid = fork do
      ready.close
      ready_in.puts new { response }.url
      ready_in.close
      sleep
    end
    ready_in.close
    yield ready.gets.chomp
  ensure
    Process.kill("KILL", pid)
    Process.wait(pid)
  end

  attr_reader :requests, :closings

  # @yieldparam request [Request]
  # @yieldreturn [String, Proc, nil] the raw response; or a function that gets the connection and returns the one to
  #   continue with, like a proxy; nil for no response
  def initialize(tls: nil, address: "127.0.0.1", port: 0, &respond)
    @respond = respond || ->(_) { Server.response }
    @socket = TCPServer.new(address, port)
    @tls = tls
    @requests = []
    @arrivals = Thread::Queue.new
    @closings = Thread::Queue.new
    @connections = 0
    @threads = [Thread.new { accept }]
  end

  def port
    @socket.local_address.ip_port
  end

  def url
    @tls ? "https://localhost:#{port}" : "http://127.0.0.1:#{port}"
  end

  # Waits until a request has arrived.
  def wait_for_request
    Timeout.timeout(TIMEOUT, Timeout::Error, "timeout: no request arrived") { @arrivals.pop }
  end

  # Waits until a connection is closed.
  def wait_for_close
    Timeout.timeout(TIMEOUT, Timeout::Error, "timeout: no connection was closed") { @closings.pop }
  end

  def close
    @socket.close
    @threads.each(&:kill)
  end

  private

  def accept
    loop do
      socket = @socket.accept
      number = (@connections += 1)
      @threads << Thread.new { serve(socket, number) }
    end
  rescue IOError, Errno::EBADF
    nil
  end

  def serve(socket, number)
    socket = secure(socket) if @tls
    while (request = read_request(socket, number))
      @requests << request
      @arrivals << request
      response = @respond.call(request)
      case response
      when nil then socket.read
      when String then socket.write(response)
      else socket = response.call(socket)
      end
    end
  rescue IOError, SystemCallError, (defined?(OpenSSL) ? OpenSSL::SSL::SSLError : IOError)
    nil
  ensure
    socket.close
    @closings << number
  end

  def secure(socket)
    OpenSSL::SSL::SSLSocket.new(socket, @tls).tap { |secured| secured.sync_close = true }.accept
  end

  def read_request(socket, number)
    line = socket.gets or return
    verb, path = line.split
    headers = {}
    while (line = socket.gets.chomp) && !line.empty?
      name, value = line.split(": ", 2)
      headers[name.downcase] = value
    end
    body = headers["transfer-encoding"] == "chunked" ? read_chunks(socket) : socket.read(headers["content-length"].to_i)
    Request.new(verb: verb, path: path, headers: headers, body: body, connection: number)
  end

  # A body in chunks (RFC 9112 section 7.1), without trailers.
  #
  # @yieldparam chunk [String] each chunk
  def read_chunks(socket)
    body = String.new
    until (size = socket.gets.to_s.to_i(16)).zero?
      chunk = socket.read(size + 2).chomp("\r\n")
      yield chunk if block_given?
      body << chunk
    end
    socket.gets
    body
  end
end
