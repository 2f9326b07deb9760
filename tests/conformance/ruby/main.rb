# frozen_string_literal: true

# Runs the conformance cases with the Ruby binding. The argument is the URL of the conformance server.
require "sac"
require_relative "perform"
require_relative "check"

SERVER = SAC::Client.new(ARGV.fetch(0))

# The differences from the expectations of a case.
def faults_of(name, test_case)
  outcome = Perform.new("#{ARGV.first}/#{name}", test_case).outcome
  Checker.new(test_case.fetch("expect"), outcome).faults(SERVER.get!("/#{name}/__requests").data)
end

passed, failed = SERVER.get!("/__cases").data.partition do |test_case|
  name = test_case.fetch("name")
  faults = faults_of(name, test_case)
  puts faults.empty? ? "ok #{name}" : "FAILED #{name}: #{faults.join('; ')}"
  faults.empty?
end
puts "conformance ruby: #{passed.size} passed, #{failed.size} failed"
exit failed.empty?
