# frozen_string_literal: true

# The answer of a language model, word by word. Takes the base URL of the demo server, and optionally a prompt.
# The server sends its answer as events. Each word is printed when it arrives.
require "sac"

$stdout.sync = true
prompt = ARGV[1] || "good morning"
# The timeout ends with the head of the response, the read timeout limits the time between two events.
client = SAC::Client.new(ARGV.fetch(0), timeout: 10, read_timeout: 30)

client.stream("/v1/chat", method: :post, json: { prompt: prompt }, records: :events) do |event|
  if event.data == "[DONE]"
    puts
    exit
  end
  print event.json["text"]
end
abort "the answer has no end"
