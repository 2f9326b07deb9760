# frozen_string_literal: true

require "uri"
require_relative "helper"

# Built responses for invalid requests.
class BuildTest < SACTest
  def test_an_invalid_request_for_build_is_refused_at_once_and_leaks_no_thread
    verbs = ["G T", "", nil, 5, "CONNECT", "GET\0", "GET\n"].map { |verb| { verb: verb } }
    urls = ["http://a/\0", nil, 5, "", "/v1/x", "ftp://x", "http://", "http://[x/", "http://a b/"].map { |url| { url: url } }
    _, printed = capture_io do
      (verbs + urls).each do |invalid|
        assert_raises(ArgumentError, invalid.inspect) { Timeout.timeout(TIMEOUT) { SAC::Response.build(**invalid) } }
      end
      [{ url: nil }, { verb: "" }].each do |invalid|
        assert_raises(ArgumentError) { SAC::Response.build(code: :timeout, **invalid) }
      end
    end
    assert_empty printed
    assert_empty(Thread.list.select { |thread| thread.backtrace.to_s.include?("loopback.rb") })
    assert_match(/verb/, assert_raises(ArgumentError) { SAC::Response.build(verb: nil) }.message)
    assert_match(/url/, assert_raises(ArgumentError) { SAC::Response.build(url: nil) }.message)
    assert_equal "GET", SAC::Response.build(verb: :get, url: URI("https://api.example.com/v1")).verb
  end
end
