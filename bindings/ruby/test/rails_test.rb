# frozen_string_literal: true

require_relative "helper"

# The gem with Rails, in a separate process, because Rails changes classes of Ruby.
class RailsTest < SACTest
  # Runs code with a client of a server that returns the received body and path.
  def with_rails(*libraries, code)
    flags = ["active_support/all", *libraries].map { |library| "-r#{library}" }
    skip "not installed: #{libraries.join(', ')}" unless system(RbConfig.ruby, *flags, "-e", "exit", err: File::NULL)
    server = serve { |request| Server.response({ sent: request.body.force_encoding("UTF-8"), path: request.path }) }
    process = ruby("client = SAC::Client.new(ARGV[0])\n#{code}", server.url, flags: flags)
    process.read.tap { process.close }
  end

  def test_json_is_the_same_as_in_rails
    output = with_rails("action_controller", <<~RUBY)
      User = Struct.new(:name) { def as_json(*) = { "name" => name } }
      Time.zone = "UTC"
      at = Time.utc(2026, 11, 29, 12)
      upload = ActionDispatch::Http::UploadedFile.new(tempfile: Tempfile.new.tap { |f| f << "a,b"; f.flush }, filename: "m.csv", type: "text/csv")
      values = { user: User.new("Ada"), for: 5.minutes, at: at, zone: at.in_time_zone, day: at.to_date, set: Set[1], big: 1.5.to_d,
                 form: ActionController::Parameters.new(a: 1), safe: "x".html_safe, sym: :s }.with_indifferent_access
      puts client.post("/", json: values)["sent"] == values.to_json
      puts client.get("/", query: ActionController::Parameters.new(a: 1).permit(:a))["path"]
      begin
        client.get("/", query: ActionController::Parameters.new(a: 1))
      rescue ArgumentError => e
        puts e.class
      end
      puts client.post("/", multipart: { f: upload })["sent"].scan(/filename="m.csv"|text.csv|a,b/).join(" ")
      puts (client.post("/", json: { f: upload }) rescue $!.message)
      response = client.get("/")
      puts response.to_json, [response].to_json, { a: response }.to_json, response.as_json.class
      puts client.get("/", timeout: 5.seconds).ok?, SAC::Response.build(body: { for: 5.minutes })["for"]
    RUBY
    data = '{"sent":"","path":"/"}'
    assert_equal <<~TEXT, output
      true
      /?a=1
      ActionController::UnfilteredParameters
      filename="m.csv" text/csv a,b
      json: an object of ActionDispatch::Http::UploadedFile cannot be converted to JSON
      #{data}
      [#{data}]
      {"a":#{data}}
      Hash
      true
      300
    TEXT
  end

  def test_a_controller_renders_a_response
    output = with_rails("action_controller", <<~RUBY)
      class Items < ActionController::API
        def show = render(json: $response)
      end
      $response = client.get("/items")
      Items.action(:show).call(Rack::MockRequest.env_for("/"))[2].each { |body| puts body }
    RUBY
    assert_equal %({"sent":"","path":"/items"}\n), output
  end

  def test_subscribers_get_an_event_for_each_request
    output = with_rails(<<~RUBY)
      client.get("/")
      events = []
      ActiveSupport::Notifications.subscribe("request.sac") { |event| events << event }
      client.get("/items?key=s3cret", query: { a: 1 }, bearer: "s3cret")
      client.send_all(["/1", [:post, "/2"], "none"])
      client.get_binary("/3") { |_| break }
      client.pages("/4").next
      Thread.new { client.get("/5") }.join
      client.stream("/6") { |_| break }
      events.each { |event| puts [*event.payload.values_at(:method, :status, :code, :attempts), event.payload[:url].delete_prefix(ARGV[0])].inspect }
      puts events.all? { |event| event.duration.positive? }, events.first.payload[:elapsed].class
      puts events.inspect.include?("s3cret"), events.find { |event| event.payload[:error] }.payload[:error]
    RUBY
    assert_equal <<~TEXT, output
      ["GET", 200, :ok, 1, "/items"]
      ["GET", 200, :ok, 1, "/1"]
      ["POST", 200, :ok, 1, "/2"]
      ["GET", 0, :invalid_path, 0, "none"]
      ["GET", nil, nil, nil, "/3"]
      ["GET", 200, :ok, 1, "/4"]
      ["GET", 200, :ok, 1, "/5"]
      ["GET", 200, :ok, 1, "/6"]
      true
      Float
      false
      GET none: The path cannot be used.
    TEXT
  end

  def test_a_tagged_logger_has_the_tags_of_the_thread_and_sac
    output = with_rails(<<~RUBY)
      require "stringio"
      logger = ActiveSupport::TaggedLogging.new(ActiveSupport::Logger.new(text = StringIO.new))
      logging = SAC::Client.new(ARGV[0], logger: logger, log_level: :info)
      logger.tagged("request-1") { logging.get("/") }
      Thread.new { logger.tagged("request-2") { logging.get("/") } }.join
      puts text.string.lines.map { |line| line[/\\A.*?GET/] }
    RUBY
    assert_equal "[request-1] [sac] GET\n[request-2] [sac] GET\n", output
  end
end
