# frozen_string_literal: true

# The basics of the gem. Takes the base URL of the demo server:
#
#     ruby quickstart.rb http://127.0.0.1:PORT
require "sac"

client = SAC::Client.new(ARGV.fetch(0), timeout: 5, retries: 3)

# Every call returns a response. One test says whether the call succeeded.
def show(response)
  if response.ok?
    puts "  #{response.json}"
  else
    puts "  error: #{response.error} (#{response.code}, status #{response.status})"
  end
end

puts "A user, with a bearer token:"
client.bearer = "demo-token"
user = client.get("/v1/users/1")
puts "  number #{user['id']} is #{user['name']}, the first role is #{user.dig('roles', 0)}"

puts "A session, with a signed cookie (signed again for every request):"
client.add_signed_cookie("session", { user: "ada", cart: 3 }, key_id: "demo-service", key: "demo-key: no secret, £0 worth")
show client.get("/v1/session")

puts "A new item:"
created = client.post("/v1/items", json: { name: "Kettle", quantity: 2 })
puts "  status #{created.status}, it is at #{created.headers['Location']}"

puts "The second page of the items, two on each:"
page = client.get("/v1/items", query: { page: 2, per_page: 2 }, symbolize_names: true)
puts "  #{page[:items].map { |item| item[:name] }.join(', ')}; the next is at #{client.path_of(page.link('next'))}"

puts "A picture, to memory:"
picture = client.get_binary("/v1/picture.png")
puts "  #{picture.body.bytesize} bytes of #{picture.header('Content-Type')}"

puts "Damaged JSON, which is repaired:"
show client.get("/v1/damaged")

puts "A server that fails twice, and the statuses of the attempts:"
flaky = client.get("/v1/flaky", query: { key: "quickstart" }, backoff: 0.01..0.1)
puts "  #{flaky.journal.map { |attempt| attempt[:status] }.join(', ')}"

puts "An item that does not exist, as a value and as an error:"
show client.get("/v1/items/4711")
begin
  client.get!("/v1/items/4711")
rescue SAC::StatusError => e
  puts "  #{e.class}: #{e.message}"
end

puts "A server that does not run:"
show SAC::Client.new("http://127.0.0.1:1").get("/")

puts "A response that takes too long:"
show client.get("/v1/slow", query: { ms: 5000 }, timeout: 0.2, retries: 0)
