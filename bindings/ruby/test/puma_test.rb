# frozen_string_literal: true

require "net/http"
require "tmpdir"
require_relative "helper"

# Puma with several processes: a client that was made and used before the fork.
class PumaTest < SACTest
  RACKUP = <<~RUBY.freeze
    require "sac"
    CLIENT = SAC::Client.new(ENV.fetch("UPSTREAM"), timeout: #{TIMEOUT})
    CLIENT.get!("/boot")
    run(lambda do |env|
      next [200, { "content-type" => "text/plain" }, CLIENT.stream!(env["PATH_INFO"]).chunks] if env["PATH_INFO"] == "/large"

      [200, { "content-type" => "text/plain" }, ["\#{Process.pid} \#{CLIENT.get(env["PATH_INFO"])["connection"]}"]]
    end)
  RUBY

  def setup
    skip "not installed: puma" unless system(RbConfig.ruby, "-rpuma", "-e", "exit", err: File::NULL)
  end

  # @yieldparam port [Integer]
  # @yieldparam master [Integer] the process that forks the others
  def with_puma(upstream)
    Dir.mktmpdir do |folder|
      File.write("#{folder}/config.ru", RACKUP)
      command = [RbConfig.ruby, "-I#{ROOT}/lib", "-S", "puma", "-w", "2", "-t", "4", "--preload", "-b", "tcp://127.0.0.1:0"]
      process = IO.popen({ "UPSTREAM" => upstream.url }, [*command, "#{folder}/config.ru"], err: %i[child out], chdir: folder)
      begin
        output = +""
        Timeout.timeout(TIMEOUT, Timeout::Error, "puma does not start") do
          output << process.readline until output.scan("booted").size == 2
        end
        yield output[%r{Listening on http://127.0.0.1:(\d+)}, 1].to_i, process.pid
        Process.kill("TERM", process.pid)
        assert Timeout.timeout(TIMEOUT, Timeout::Error, "puma does not end") { process.read }
      ensure
        Process.kill("KILL", process.pid) rescue nil
        process.close
      end
    end
  end

  def test_workers_use_the_client_of_their_master_with_their_own_connections
    upstream = serve { |request| Server.response({ connection: request.connection }) }
    with_puma(upstream) do |port, master|
      bodies = Array.new(8) { Thread.new { Array.new(10) { Net::HTTP.get("127.0.0.1", "/x", port) } } }.flat_map(&:value)
      used = bodies.map { |body| body.split.map(&:to_i) }.uniq.group_by(&:first)
      used.transform_values! { |pairs| pairs.map(&:last) }
      refute_includes used.keys, master
      refute_includes used.values.flatten, 1, "a worker uses the connection of its master"
      assert_equal used.values.flatten.size, used.values.flatten.uniq.size, "two workers use one connection: #{used}"
    end
  end

  def test_a_stream_ends_if_its_reader_disconnects
    upstream = serve { |request| Server.response(request.path == "/large" ? "x" * 50_000_000 : {}) }
    with_puma(upstream) do |port, _|
      reader = TCPSocket.new("127.0.0.1", port)
      reader.write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
      reader.readpartial(1000)
      reader.close
      large = upstream.requests.find { |request| request.path == "/large" }.connection
      nil until upstream.wait_for_close == large
      assert_match(/\A\d+ \z/, Net::HTTP.get("127.0.0.1", "/x", port))
    end
  end
end
