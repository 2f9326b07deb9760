# frozen_string_literal: true

require "date"
require "set"
require "tempfile"
require "uri"
require_relative "helper"

# The arguments of a call: method, path and options.
class CallOptionTest < SACTest
  # An uploaded file of Rails or Rack, with the methods that the gem uses.
  Upload = Struct.new(:tempfile, :original_filename, :content_type) do
    def read(*arguments) = tempfile.read(*arguments)
    def rewind = tempfile.rewind
    def to_path = tempfile.path
  end

  def setup
    @server = serve { |request| Server.response({ path: request.path, verb: request.verb }) }
    @client = client_of(@server)
  end

  def sent
    @server.requests.last
  end

  def test_a_symbol_becomes_a_method_in_upper_case
    %i[get propfind OPTIONS].each { |verb| assert_equal verb.to_s.upcase, @client.request(verb, "/").then { sent.verb } }
    assert_equal %w[DELETE GET], @client.send_all([[:delete, "/"], "/"]).map { |response| response["verb"] }
    assert_equal "patch", @client.request("patch", "/")["verb"]
    assert_equal :invalid_method, @client.request(:"no method", "/").code
    assert_equal "OPTIONS", @client.options("/")["verb"]
    assert_equal "TRACE", @client.trace!("/", headers: { a: 1 })["verb"]
  end

  def test_the_segments_of_a_path_are_escaped
    { ["users", "a/b c"] => "/users/a%2Fb%20c", ["v1", :x, 5] => "/v1/x/5", ["ä?#%"] => "/%C3%A4%3F%23%25",
      ["a~b.c-d_e"] => "/a~b.c-d_e", ["..."] => "/...",
      ["\xE4".dup.force_encoding("ISO-8859-1")] => "/%C3%A4" }.each do |segments, path|
      assert_equal path, @client.get(segments)["path"]
      assert_equal path, @client.send_all([["GET", segments]]).first["path"]
    end
    [[""], ["users", nil], ["users", ".."], ["."]].each do |segments|
      response = @client.get(segments)
      assert_equal [:invalid_path, 0], [response.code, response.attempts], segments.inspect
    end
    assert_raises(ArgumentError) { @client.get(["users", Object.new]) }
  end

  def test_a_full_url_of_the_clients_origin_is_a_valid_path
    client = client_of(@server)
    based = SAC::Client.new("#{@server.url}/base")
    assert_equal "/x?y=1", client.get("#{@server.url}/x?y=1")["path"]
    assert_equal "/x?y=1&z=2", client.get(URI("#{@server.url}/x?y=1"), query: { z: 2 })["path"]
    assert_equal "/base/x", based.get("#{@server.url.upcase.sub('HTTP', 'http')}/base/x")["path"]
    assert_equal "/base/x", based.get(URI("/x"))["path"]
    ["https://elsewhere.example/x", "#{@server.url}/elsewhere", "http://\xFF"].each do |url|
      response = based.get(url)
      assert_equal [0, 0], [response.status, response.attempts], url
      assert_kind_of SAC::InputError, response.exception
    end
  end

  def test_params_is_another_name_for_query
    assert_equal "/?a=1&b=2", @client.get("/", params: { a: 1 }, query: { b: 2 })["path"]
    assert_equal "/?a=1", @client.get("/", params: "a=1")["path"]
    assert_equal "/?on=2026-11-29&at=2026-11-29T12%3A00%3A00.000Z&ids=1&ids=2",
                 @client.get("/", query: { on: Date.new(2026, 11, 29), at: Time.utc(2026, 11, 29, 12), ids: Set[1, 2] })["path"]
  end

  def test_a_header_that_is_nil_is_omitted
    client_of(@server, headers: { x: 1 }).get("/", headers: { x: nil, y: nil })
    assert_equal ["1", nil], sent.headers.values_at("x", "y")
  end

  def test_cookies_of_a_call_are_added_to_the_clients_for_this_call_only
    on_both_paths do
      client = client_of(@server, cookies: { a: 1, b: 2 })
      client.get("/", cookies: { b: 3, c: 4 })
      assert_equal %w[a=1 b=3 c=4], sent.headers["cookie"].split("; ").sort
      client.get("/")
      assert_equal %w[a=1 b=2], sent.headers["cookie"].split("; ").sort
      assert_equal [:invalid_cookie, 0], client.get("/", cookies: { a: "b;c" }).then { |r| [r.code, r.attempts] }
    end
  end

  def test_each_of_several_cancels_can_end_a_call
    client = client_of(serve_silence)
    cancels = Array.new(2) { SAC::Cancel.new }
    cancels.last.trigger
    assert_equal :cancelled, client.get("/", cancel: cancels).code
    assert_equal "#<SAC::Cancel triggered>", cancels.last.inspect
    assert_raises(ArgumentError) { client.get("/", cancel: [nil, 1]) }
  end

  def test_an_object_without_a_text_raises_an_argument_error
    file = Tempfile.new
    %i[query form headers cookies multipart].each do |option|
      values = option == :multipart ? [Object.new] : [Object.new, file, Struct.new(:a).new(1)]
      values.each { |value| assert_raises(ArgumentError, option) { @client.post("/", option => { x: value }) } }
    end
    assert_raises(ArgumentError) { @client.add_header("X", Object.new) }
    assert_empty @server.requests
  end

  def test_an_uploaded_file_keeps_its_name_and_type
    file = Tempfile.new("RackMultipart")
    file.write("a,b")
    upload = Upload.new(file, "menü.csv", "text/csv")
    @client.post!("/", multipart: { menu: upload })
    ['filename="menü.csv"', "text/csv", "a,b"].each { |text| assert_includes sent.body.dup.force_encoding("UTF-8"), text }
    refute_includes sent.body, "RackMultipart"
    file.rewind
    @client.post!("/", body: upload)
    assert_equal ["text/csv", "a,b"], [sent.headers["content-type"], sent.body]
    @client.post!("/", body_file: upload)
    assert_equal ["text/csv", "a,b"], [sent.headers["content-type"], sent.body]
    assert_raises(ArgumentError) { @client.post("/", json: { menu: upload }) }
  end
end
