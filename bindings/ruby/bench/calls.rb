# frozen_string_literal: true

# What a call costs, beside what Ruby programs use else.
#
#     ruby -Ilib bench/calls.rb BASE_URL [CALLS]
#
# BASE_URL is that of a server on this machine with an answer of some JSON at /v1/users/1, such as the
# demo server's release build. The contenders take turns, so that whatever else the machine does hits
# all of them alike. Each reads the status and parses the JSON.
require "json"
require "net/http"
require "sac"
require "sac/faraday"

URL = URI(ARGV.fetch(0))
CALLS = Integer(ARGV.fetch(1, 2_000))
PATH = "/v1/users/1"
TOKEN = "demo-token"
BATCH = 20

# A native client and no more: what the gem adds is the distance from this.
def plain_ffi
  native = SAC::Native
  client = native.made("client") { |out| native.sac_client_new(URL.to_s, out) }
  native.sac_add_bearer(client, TOKEN)
  offsets = SAC::Native::ResponsePointer::OFFSETS
  lambda do
    response = native.sac_get(client, PATH)
    JSON.parse(response.get_pointer(offsets[:json]).read_string)
    native.sac_response_free(response)
  end
end

def sac
  client = SAC::Client.new(URL.to_s, bearer: TOKEN)
  -> { client.get!(PATH).data }
end

def net_http(connection = nil)
  headers = { "Authorization" => "Bearer #{TOKEN}", "Accept" => "application/json" }
  lambda do
    return JSON.parse(connection.get(PATH, headers).body) if connection

    Net::HTTP.start(URL.host, URL.port) { |http| JSON.parse(http.get(PATH, headers).body) }
  end
end

def faraday(adapter)
  connection = Faraday.new(URL.to_s, headers: { "Authorization" => "Bearer #{TOKEN}" }) { |f| f.adapter adapter }
  -> { JSON.parse(connection.get(PATH).body) }
end

# The CPU time of this process, and the time that passes, of each call; in microseconds.
Sample = Struct.new(:wall, :cpu)

def clock(kind)
  Process.clock_gettime(kind, :nanosecond)
end

# Each batch is timed as a whole for the CPU, whose clock is coarse, and each call for itself.
def run_batch(samples, call)
  cpu = clock(Process::CLOCK_PROCESS_CPUTIME_ID)
  walls = Array.new(BATCH) do
    start = clock(Process::CLOCK_MONOTONIC)
    call.call
    clock(Process::CLOCK_MONOTONIC) - start
  end
  cpu = (clock(Process::CLOCK_PROCESS_CPUTIME_ID) - cpu) / BATCH
  walls.each { |wall| samples << Sample.new(wall / 1000.0, cpu / 1000.0) }
end

def report(results)
  puts format("%-34s %10s %10s %10s %10s", "microseconds per call", "median", "p10", "p90", "cpu")
  results.each do |name, samples|
    walls = samples.map(&:wall).sort
    cpus = samples.map(&:cpu).sort
    values = [walls[walls.size / 2], walls[walls.size / 10], walls[walls.size * 9 / 10], cpus[cpus.size / 2]]
    puts format("%-34s %10.1f %10.1f %10.1f %10.1f", name, *values)
  end
end

def compare(contenders)
  results = contenders.transform_values { [] }
  contenders.each_value { |call| 50.times { call.call } }
  (CALLS / BATCH).times { contenders.each { |name, call| run_batch(results[name], call) } }
  report(results)
end

puts "Ruby #{RUBY_VERSION}, ffi #{FFI::VERSION}, Faraday #{Faraday::VERSION}, libsac #{SAC.library_version}, #{CALLS} calls each"
kept = Net::HTTP.start(URL.host, URL.port)
puts "\nOn a thread, as in Puma or Sidekiq:"
Thread.new do
  compare(
    "sac_get alone, through ffi" => plain_ffi,
    "SAC::Client" => sac,
    "Net::HTTP, connection kept by hand" => net_http(kept),
    "Net::HTTP, as it is mostly used" => net_http,
    "Faraday with Net::HTTP" => faraday(:net_http),
    "Faraday with sac" => faraday(:sac)
  )
end.join
puts "\nOn the main thread, where calls are handed over so that signals get through:"
compare("sac_get alone, through ffi" => plain_ffi, "SAC::Client" => sac)
