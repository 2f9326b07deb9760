# frozen_string_literal: true

require_relative "lib/sac/version"

Gem::Specification.new do |spec|
  spec.name = "sac"
  spec.version = SAC::VERSION
  spec.summary = "Simple API Client: calls JSON APIs through the shared library libsac"
  spec.description = <<~TEXT
    A client for JSON APIs. Every request returns a response, and its JSON is always well-formed. Retries are safe.
    Deadlines, rate limits, pooled connections and signed cookies are built in. The client works with Ruby's threads,
    Timeout, signals and fork. The gem needs the shared library libsac.
  TEXT
  spec.authors = ["The libsac authors"]
  spec.licenses = ["MIT", "Apache-2.0"]
  # The licences and the changelog are files of the project. `scripts/run gem` copies them here.
  spec.files = Dir["lib/**/*.rb", "sig/**/*.rbs", "README.md", "CHANGELOG.md", "LICENSE-*", ".yardopts", "*.cdx.json"]
  spec.extra_rdoc_files = Dir["README.md", "CHANGELOG.md", "LICENSE-*"]
  spec.metadata = { "rubygems_mfa_required" => "true" }
  # `scripts/run gem` sets it, if the project has a public address.
  repository = ENV.fetch("SAC_REPOSITORY", "")
  unless repository.empty?
    spec.homepage = repository
    spec.metadata["source_code_uri"] = repository
    spec.metadata["changelog_uri"] = "#{repository}/blob/v#{spec.version}/CHANGELOG.md"
  end
  spec.required_ruby_version = ">= 3.1"
  # Debian 12 has ffi 1.15, and the tests use it.
  spec.add_dependency "ffi", "~> 1.15"
end
