# frozen_string_literal: true

require_relative "lib/sac/version"

Gem::Specification.new do |spec|
  spec.name = "sac"
  spec.version = SAC::VERSION
  spec.summary = "The Simple API Client: calls JSON APIs, through the shared library libsac"
  spec.description = <<~TEXT
    A client for JSON APIs whose requests always answer: with retries that do no harm, deadlines, rate limits, pooled
    connections, signed cookies, and JSON that is well-formed for every response. Needs libsac, and works with Ruby's
    threads, Timeout, signals and fork.
  TEXT
  spec.authors = ["The libsac authors"]
  spec.licenses = ["MIT", "Apache-2.0"]
  # The licences and the list of changes are those of the project; `scripts/run gem` puts them here.
  spec.files = Dir["lib/**/*.rb", "sig/**/*.rbs", "README.md", "CHANGELOG.md", "LICENSE-*", ".yardopts", "*.cdx.json"]
  spec.extra_rdoc_files = Dir["README.md", "CHANGELOG.md", "LICENSE-*"]
  spec.metadata = { "rubygems_mfa_required" => "true" }
  spec.required_ruby_version = ">= 3.1"
  # What is tested: Debian 12's.
  spec.add_dependency "ffi", "~> 1.15"
end
