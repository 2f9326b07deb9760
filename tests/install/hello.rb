# frozen_string_literal: true

# A program outside the project. It prints the version of the library and the name of user 1.
require "sac"

response = SAC::Client.new(ARGV.fetch(0), bearer: "demo-token").get!("/v1/users/1")
puts "#{SAC.library_version} #{response['name']}"
