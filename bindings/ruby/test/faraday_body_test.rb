# frozen_string_literal: true

require "sac/faraday"
require "tempfile"
require "tmpdir"
require_relative "helper"

# Bodies from readers.
class FaradayBodyTest < SACTest
  # A body from a Faraday stack, which has only the method `read`.
  Reader = Struct.new(:io) do
    def read(*arguments)
      io.read(*arguments)
    end
  end

  # Prints by how many KiB the process grows at most while it sends the value of an expression with header fields.
  MEASURE = <<~'RUBY'
    require "sac/faraday"
    Reader = Struct.new(:io) { def read(*arguments) = io.read(*arguments) }
    Upload = Struct.new(:io, :content_type) do
      def respond_to_missing?(name, all = false) = io.respond_to?(name, all)
      def method_missing(name, *arguments) = io.public_send(name, *arguments)
    end
    faraday = Faraday.new(ARGV[0]) do |f|
      f.request :multipart if Faraday.const_defined?(:FilePart)
      f.adapter :sac
    end
    faraday.post("/", "warm")
    peak = -> { File.read("/proc/self/status")[/VmHWM:\s+(\d+)/, 1].to_i }
    before = peak.call
    file = File.open(ARGV[1])
    faraday.post("/", eval(ARGV[2]), eval(ARGV[3])).status == 200 or abort
    puts peak.call - before
  RUBY

  def setup
    @server = serve
    @connection = Faraday.new(@server.url, request: { timeout: TIMEOUT }) { |faraday| faraday.adapter :sac }
  end

  def post(body, headers = {})
    @connection.post("/", body, headers)
    @server.requests.last
  end

  def with_file(content)
    Tempfile.create("body") do |file|
      file.write(content)
      file.rewind
      yield file
    end
  end

  def test_a_reader_may_be_sent_in_chunks
    with_file("bytes") { |file| assert_equal "bytes", post(file, "Transfer-Encoding" => "chunked").body }
    assert_equal "bytes", post(Reader.new(StringIO.new("bytes")), "Transfer-Encoding" => "Chunked", "Content-Length" => "1").body
    assert_equal [nil, "chunked"], @server.requests.last.headers.values_at("content-length", "transfer-encoding")
  end

  def test_a_reader_without_a_length_has_that_of_the_request_or_is_sent_in_chunks
    assert_equal "bytes", post(Reader.new(StringIO.new("bytes")), "Content-Length" => "5").body
    assert_equal ["5", nil], @server.requests.last.headers.values_at("content-length", "transfer-encoding")
    assert_equal "bytes", post(Reader.new(StringIO.new("bytes"))).body
    assert_equal [nil, "chunked"], @server.requests.last.headers.values_at("content-length", "transfer-encoding")
    assert_raises(ArgumentError) { post(Reader.new(StringIO.new("bytes")), "Content-Length" => "6") }
  end

  def test_an_exception_in_a_reader_is_raised
    failing = Object.new.tap { |io| io.define_singleton_method(:read) { |_size| raise IOError, "of the body" } }
    assert_equal "of the body", assert_raises(IOError) { post(failing) }.message
  end

  def test_a_reader_that_can_rewind_is_sent_again
    busy = serve { Server.response(status: busy.requests.size < 3 ? "503 Busy" : "200 OK") }
    faraday = Faraday.new(busy.url) { |f| f.adapter :sac, retries: 2, backoff: 0.001..0.002 }
    with_file("0123456789") { |file| assert_equal 200, faraday.put("/", file.tap { |io| io.seek(4) }).status }
    assert_equal %w[456789] * 3, busy.requests.map(&:body)
  end

  def test_the_rest_of_a_reader_is_sent
    with_file("0123456789") do |file|
      file.seek(4)
      assert_equal "456789", post(file).body
      assert_equal "", post(file).body
      file.rewind
      assert_equal "0123456789", post(file, "Content-Type" => "image/png").body
      assert_equal "image/png", @server.requests.last.headers["content-type"]
    end
    reader = StringIO.new("0123456789").tap { |io| io.seek(8) }
    assert_equal "89", post(reader).body
    assert_equal "89", post(Reader.new(StringIO.new("89"))).body
    assert_equal "", post(Reader.new(StringIO.new)).body
  end

  def test_an_open_file_is_sent_even_if_its_path_leads_to_another
    with_file("first") do |file|
      File.unlink(file.path)
      assert_equal "first", post(file).body
      file.rewind
      File.write(file.path, "second")
      assert_equal "first", post(file).body
    end
  end

  def test_a_pipe_is_sent
    IO.pipe do |reader, writer|
      writer << "bytes"
      writer.close
      assert_equal "bytes", post(reader).body
    end
  end

  def test_a_form_with_a_file_is_sent_as_net_http_sends_it
    skip "in this Faraday, multipart forms are in another gem" unless Faraday.const_defined?(:FilePart)

    bodies = %i[net_http sac].map do |adapter|
      faraday = Faraday.new(@server.url) do |f|
        f.request :multipart
        f.adapter adapter
      end
      text = Faraday::FilePart.new(StringIO.new("t"), "text/plain")
      form = { name: "ada", photo: Faraday::FilePart.new(__FILE__, "text/x-ruby"), text: text }
      faraday.post("/", form) { |request| request.options.boundary = "limit" }
      [@server.requests.last.body, @server.requests.last.headers["content-type"]]
    end
    assert_equal(*bodies)
    assert_includes bodies.last.first, File.binread(__FILE__)
  end

  def test_no_temporary_file_is_made
    Dir.mktmpdir do |folder|
      code = <<~RUBY
        require "sac/faraday"
        Reader = Struct.new(:io) { def read(*arguments) = io.read(*arguments) }
        [ARGV[0], "http://127.0.0.1:1"].each do |url|
          Faraday.new(url) { |f| f.adapter :sac }.post("/", Reader.new(StringIO.new("bytes"))) rescue Faraday::ConnectionFailed
          print Dir.children(ENV["TMPDIR"]).size
        end
      RUBY
      assert_equal "00", IO.popen({ "TMPDIR" => folder }, [RbConfig.ruby, "-I#{ROOT}/lib", "-e", code, @server.url], &:read)
    end
  end

  # Asserts that the process grows by less than `limit` KiB when it sends the value of each expression, with a file of
  # 200 MiB.
  def assert_sent_in_pieces(*bodies, limit: 50_000, **fields)
    Server.in_child(Server.response) do |url|
      with_file("") do |file|
        file.truncate(200 << 20)
        bodies.each do |body|
          process = ruby(MEASURE, url, file.path, body, fields.transform_keys(&:to_s).inspect)
          growth = Integer(process.read)
          process.close
          assert_operator growth, :<, limit, "KiB more for #{body} with #{fields}"
        end
      end
    end
  end

  def test_large_bodies_are_not_kept_in_memory
    assert_sent_in_pieces("file", 'Upload.new(file,"image/png")', "Reader.new(file)",
                          'Upload.new(Reader.new(file),"image/png")', "Transfer-Encoding": "chunked")
  end

  def test_a_large_file_that_is_sent_from_its_path_is_not_kept_in_memory
    assert_sent_in_pieces("file", 'Upload.new(file,"image/png")')
  end

  def test_a_large_file_in_a_form_is_not_kept_in_memory
    skip "in this Faraday, multipart forms are in another gem" unless Faraday.const_defined?(:FilePart)

    part = 'Faraday::FilePart.new(file.path,"image/png")'
    # Faraday makes strings of each piece, and Ruby collects them after some time. With net_http it takes about 85,000.
    assert_sent_in_pieces("{name:'ada',photo:#{part}}", limit: 100_000)
  end
end
