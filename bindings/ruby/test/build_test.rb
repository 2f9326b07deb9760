# frozen_string_literal: true

require "uri"
require_relative "helper"

# Responses for tests, of requests that cannot be.
class BuildTest < SACTest
  def test_a_request_that_cannot_be_is_refused_at_once_and_leaves_no_thread
    verbs = ["G T", "", nil, 5, "CONNECT", "GET\0", "GET\n"].map { |verb| { verb: verb } }
    urls = ["http://a/\0", nil, 5, "", "/v1/x", "ftp://x", "http://", "http://[x/", "http://a b/"].map { |url| { url: url } }
    _, printed = capture_io do
      (verbs + urls).each do |told|
        assert_raises(ArgumentError, told.inspect) { Timeout.timeout(PATIENCE) { SAC::Response.build(**told) } }
      end
      [{ url: nil }, { verb: "" }].each { |told| assert_raises(ArgumentError) { SAC::Response.build(code: :timeout, **told) } }
    end
    assert_empty printed
    assert_empty(Thread.list.select { |thread| thread.backtrace.to_s.include?("loopback.rb") })
    assert_match(/verb/, assert_raises(ArgumentError) { SAC::Response.build(verb: nil) }.message)
    assert_match(/url/, assert_raises(ArgumentError) { SAC::Response.build(url: nil) }.message)
    assert_equal "GET", SAC::Response.build(verb: :get, url: URI("https://api.example.com/v1")).verb
  end
end
