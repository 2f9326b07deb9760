# frozen_string_literal: true

require "yaml"
require_relative "helper"

# Objects with secrets show none of them, in any output format.
class RedactedTest < SACTest
  def setup
    @server = serve
    @client = client_of(@server, bearer: "s3cret")
  end

  # All kinds of objects with secrets.
  def objects
    sent = nil
    client = @client.scope
    client.use { |request, &forward| forward.call(sent = request) }
    client.get("/", bearer: "s3cret", json: { a: "s3cret" })
    [sent, client.stream("/", bearer: "s3cret"), SAC::Part.bytes("s3cret"), client]
  end

  def test_no_secret_is_shown
    all = objects
    count = @server.requests.size
    all.each do |object|
      texts = [object.inspect, object.to_json, JSON.generate([object]), object.as_json, object.to_yaml]
      texts.each do |text|
        refute_includes text, "s3cret"
        assert_includes text, "#<#{object.class}"
      end
      assert_equal object.inspect, YAML.load(object.to_yaml)
      assert_raises(ArgumentError) { @client.post("/", json: object) }
    end
    assert_equal count, @server.requests.size
  end

  def test_no_secret_is_shown_with_activesupport
    skip "not installed: activesupport" unless system(RbConfig.ruby, "-ractive_support/all", "-e", "exit", err: File::NULL)

    process = ruby(<<~RUBY, @server.url, flags: %w[-rlogger -ractive_support/all])
      client = SAC::Client.new(ARGV[0], bearer: "s3cret")
      client.use do |request, &forward|
        puts request.to_json, request.as_json, ActiveSupport::JSON.encode({ of: [request] })
        forward.call(request)
      end
      client.get("/", bearer: "s3cret")
      stream = client.stream("/", bearer: "s3cret")
      puts [stream, SAC::Part.bytes("s3cret"), client].flat_map { |it| [it.to_json, it.as_json, { of: it }.to_json] }
    RUBY
    output = process.read
    process.close
    assert_predicate Process.last_status, :success?
    assert_equal 15, output.lines.size
    refute_includes output, "s3cret"
    # The call and the stream.
    assert_equal 2, @server.requests.size
  end
end
