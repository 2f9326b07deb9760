# frozen_string_literal: true

require_relative "helper"

class FiberTest < SACTest
  # A minimal fiber scheduler, for fibers that wait for queues.
  class Scheduler
    def initialize
      @ready = Thread::Queue.new
      @blocked = 0
    end

    def fiber(&block)
      Fiber.new(blocking: false, &block).tap(&:resume)
    end

    def block(_blocker, _timeout = nil)
      @blocked += 1
      Fiber.yield
    ensure
      @blocked -= 1
    end

    def unblock(_blocker, fiber)
      @ready << fiber
    end

    def close
      @ready.pop.resume while @blocked.positive?
    end

    def kernel_sleep(*) = raise(NotImplementedError)
    def io_wait(*) = raise(NotImplementedError)
  end

  def test_fibers_of_a_scheduler_run_during_a_call
    both_arrived = Thread::Queue.new
    server = serve { both_arrived.pop && Server.response }
    Thread.new { 2.times { server.wait_for_request } && 2.times { both_arrived << true } }
    client = client_of(server)
    codes = []
    on_a_thread do
      Fiber.set_scheduler(Scheduler.new)
      2.times { Fiber.schedule { codes << client.get("/").code } }
      Fiber.set_scheduler(nil)
    end
    assert_equal %i[ok ok], codes
  end

  def test_fibers_of_a_scheduler_run_while_another_waits_for_a_record
    queues = Array.new(2) { Thread::Queue.new }
    server = serve do |request|
      lambda do |socket|
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 6\r\n\r\n")
        3.times { socket.write(queues[request.path.delete("/").to_i].pop) }
        socket
      end
    end
    client = client_of(server)
    seen = []
    on_a_thread do
      Fiber.set_scheduler(Scheduler.new)
      # Each fiber lets the other have its next record, so neither can read all of its own first.
      2.times do |own|
        Fiber.schedule do
          client.stream("/#{own}") do |record|
            seen << [own, record.json]
            queues[1 - own] << "#{record.json + own}\n"
          end
        end
      end
      queues[0] << "1\n"
      Fiber.set_scheduler(nil)
    end
    assert_equal [[0, 1], [1, 1], [0, 2], [1, 2], [0, 3], [1, 3]], seen
  end

  def test_tasks_of_async_run_at_once_and_can_be_stopped
    skip "not installed: async" unless system(RbConfig.ruby, "-rasync", "-e", "exit", err: File::NULL)
    both_arrived = Thread::Queue.new
    server = serve { |request| request.path == "/never" ? nil : both_arrived.pop && Server.response }
    process = ruby(<<~RUBY, server.url, flags: ["-rasync"])
      client = SAC::Client.new(ARGV[0], timeout: #{TIMEOUT})
      Async do |task|
        endless = task.async { client.stream("/never") { |record| p record } }
        codes = Array.new(2) { task.async { client.get("/").code } }
        puts codes.map(&:wait).inspect
        endless.stop
      end
      puts "ended"
    RUBY
    3.times { server.wait_for_request }
    2.times { both_arrived << true }
    assert_equal "[:ok, :ok]\nended\n", process.read
    process.close
  end
end
