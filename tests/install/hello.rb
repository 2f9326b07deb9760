# frozen_string_literal: true

# A program outside of the project: prints who user 1 is, by the library's version.
require "sac"

response = SAC::Client.new(ARGV.fetch(0), bearer: "demo-token").get!("/v1/users/1")
puts "#{SAC.library_version} #{response['name']}"
