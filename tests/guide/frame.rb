# frozen_string_literal: true

# What a piece of Ruby in the guide finds.
require "sac"

def client
  @client ||= SAC::Client.new("http://127.0.0.1:8080")
end
