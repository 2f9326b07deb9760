# frozen_string_literal: true

# Generated from interface/settings.toml by `make interface`. Do not edit.

# The settings that a case may have: the name in Ruby, and the conversion of its value.
SETTINGS = {
  "timeout_ms" => [:timeout, ->(number) { number / 1000.0 }],
  "connect_timeout_ms" => [:connect_timeout, ->(number) { number / 1000.0 }],
  "read_timeout_ms" => [:read_timeout, ->(number) { number / 1000.0 }],
  "deadline_ms" => [:deadline, ->(number) { number / 1000.0 }],
  "retry_attempts" => [:retries, ->(number) { number }],
  "backoff_ms" => [:backoff, ->(number) { number.map { |ms| ms / 1000.0 } }],
  "retry_statuses" => [:retry_statuses, ->(number) { number }],
  "retry_after_max_ms" => [:retry_after_max, ->(number) { number / 1000.0 }],
  "retry_budget" => [:retry_budget, ->(number) { number }],
  "rate_limit" => [:rate_limit, ->(number) { { requests: number[0], per: number[1] / 1000.0, burst: number[2] } }],
  "max_body_bytes" => [:max_body_bytes, ->(number) { number }],
  "redirects" => [:redirects, ->(number) { number }],
  "user_agent" => [:user_agent, ->(number) { number }],
  "verify" => [:verify, ->(number) { number }],
  "ca_file" => [:ca_file, ->(number) { number }],
  "ca_pem" => [:ca_pem, ->(number) { number }],
  "pinned_keys" => [:pinned_keys, ->(number) { number }],
  "min_tls" => [:min_tls, ->(number) { SAC::TLS_VERSIONS.key(number) || number }],
  "cookie_jar" => [:cookie_jar, ->(number) { number }],
  "connection_max_age_ms" => [:connection_max_age, ->(number) { number / 1000.0 }],
  "keep_alive" => [:keep_alive, ->(number) { number }]
}.freeze
