# frozen_string_literal: true

# The definitions that a piece of Ruby in the guide can use.
require "sac"

def client
  @client ||= SAC::Client.new("http://127.0.0.1:8080")
end
