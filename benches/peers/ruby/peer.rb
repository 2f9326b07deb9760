# frozen_string_literal: true

# The clients in Ruby; c/peer.h says how a client is used.
#
#     ruby peer.rb CLIENT BASE_URL PATH BYTES binary|json|value|walk THREADS
#
# Calls run on threads, as in Puma or Sidekiq; only sac-main calls on the main thread.
require "json"

Plan = Struct.new(:base_url, :path, :bytes, :mode, :threads) do
  def accept
    mode == "binary" ? "application/octet-stream" : "application/json"
  end

  def check(status, body, data = nil)
    abort "#{path}: status #{status} with #{body.bytesize} bytes" unless status == 200 && body.bytesize == bytes
    check_data(data || JSON.parse(body)) if reads_values?
  end

  def reads_values?
    %w[value walk].include?(mode)
  end

  private

  def check_data(data)
    correct = mode == "value" ? data["name"] == "Ada Lovelace" : (sum(data["items"]) - data["sum"]).abs < 0.001
    abort "#{path}: the #{mode == "value" ? "value" : "sum of the values"} in the JSON is wrong" unless correct
  end

  def sum(items)
    items.sum do |item|
      item["id"] + item["name"].bytesize + item["owner"]["login"].bytesize + item["price"] + (item["active"] ? 1 : 0)
    end
  end
end

# Each method opens the objects that all threads share, and returns a lambda that opens those of one thread. That
# lambda returns the lambda that makes one call.
module Clients
  module_function

  def sac(plan)
    require "sac"
    client = SAC::Client.new(plan.base_url)
    get = client.method(plan.mode == "binary" ? :get_binary! : :get!)
    call = lambda do
      response = get.call(plan.path)
      plan.check(response.status, response.body, plan.reads_values? ? response.data : nil)
    end
    -> { call }
  end

  # One connection for each thread, which is kept.
  def net_http(plan)
    require "net/http"
    uri = URI(plan.base_url)
    lambda do
      http = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https", open_timeout: 10, read_timeout: 30)
      lambda do
        response = http.get(plan.path, "Accept" => plan.accept)
        plan.check(response.code.to_i, response.body)
      end
    end
  end

  # One client for each thread, which keeps its connection.
  def http_rb(plan)
    require "http"
    context = OpenSSL::SSL::SSLContext.new.tap(&:set_params)
    lambda do
      http = HTTP.persistent(plan.base_url).nodelay.timeout(connect: 10, read: 30).headers("Accept" => plan.accept)
      lambda do
        response = http.get(plan.path, ssl_context: context)
        plan.check(response.status.code, response.body.to_s)
      end
    end
  end

  # It keeps libcurl's handles, with their connections.
  def typhoeus(plan)
    require "typhoeus"
    options = { headers: { "Accept" => plan.accept }, connecttimeout: 10, timeout: 30, cainfo: ENV.fetch("SSL_CERT_FILE", nil) }
    url = plan.base_url + plan.path
    call = lambda do
      response = Typhoeus.get(url, options)
      plan.check(response.code, response.body)
    end
    -> { call }
  end

  # With the default adapter, which keeps no connection.
  def faraday(plan)
    require "faraday"
    lambda do
      connection = Faraday.new(plan.base_url, headers: { "Accept" => plan.accept }, request: { timeout: 30 })
      lambda do
        response = connection.get(plan.path)
        plan.check(response.status, response.body)
      end
    end
  end
end

def run(count, calls)
  share = (count.to_f / calls.size).ceil
  calls.map { |call| Thread.new { share.times { call.call } } }.each(&:join)
end

client = ARGV.shift
abort "usage: peer.rb CLIENT BASE_URL PATH BYTES binary|json|value|walk THREADS" unless ARGV.size == 5
base_url, path, bytes, mode, threads = ARGV
plan = Plan.new(base_url, path, bytes.to_i, mode, threads.to_i)
Thread.report_on_exception = false
open_for_thread = Clients.public_send(client.delete_suffix("-main"), plan)
calls = Array.new(plan.threads) { open_for_thread.call }
while (line = $stdin.gets)
  client == "sac-main" ? line.to_i.times { calls.first.call } : run(line.to_i, calls)
  puts "done"
  $stdout.flush
end
