# frozen_string_literal: true

require "pathname"
require "tmpdir"
require_relative "helper"

class StreamTest < SACTest
  BODY = (0..255).to_a.pack("C*") * 4096

  def serve_body(status: "200 OK")
    serve { Server.response(BODY, status: status, headers: { "Content-Type" => "application/octet-stream" }) }
  end

  def in_a_folder(&block)
    Dir.mktmpdir(&block)
  end

  def test_a_block_gets_the_body_piece_by_piece
    on_both_paths do
      pieces = []
      response = client_of(serve_body).get("/") { |bytes| pieces << bytes }
      assert_predicate response, :ok?
      assert_equal BODY, pieces.join
      assert_operator pieces.size, :>, 1
      assert_equal [Encoding::BINARY], pieces.map(&:encoding).uniq
      assert_equal ["", "{}"], [response.body, response.json]
    end
  end

  def test_every_method_accepts_a_block
    server = serve_body
    %i[post put patch delete get! get_binary get_binary!].each do |method|
      assert_equal(BODY.bytesize, client_of(server).enum_for(method, "/").sum(&:bytesize), method)
    end
  end

  def test_the_body_of_an_error_status_goes_to_the_response
    server = serve { Server.response({ error: "gone" }, status: "404 Not Found") }
    response = client_of(server).get("/") { flunk }
    assert_equal [404, "gone"], [response.status, response.error]
    assert_raises(SAC::StatusError) { client_of(server).get!("/") { flunk } }
  end

  def test_a_block_runs_on_the_calling_thread_and_can_be_left
    on_both_paths do
      client = client_of(serve_body)
      threads = []
      client.get("/") { threads << Thread.current }
      assert_equal [Thread.current], threads.uniq
      assert_equal :first, (client.get("/") { break :first })
      assert_equal(:thrown, catch(:out) { client.get("/") { throw :out, :thrown } })
      assert_raises(IOError) { client.get("/") { raise IOError } }
      assert_raises(ClosedQueueError) { client.get("/") { |bytes| Thread::Queue.new.close << bytes } }
      assert_equal :returned, return_from_a_block(client)
      assert_predicate client.get_binary("/"), :ok?
    end
  end

  def return_from_a_block(client)
    client.get("/") { return :returned }
  end

  def test_a_block_can_be_interrupted
    on_both_paths do
      client = client_of(serve_body)
      assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client.get("/") { sleep } } }
    end
  end

  def test_progress_reports_both_directions
    on_both_paths do
      reports = []
      client_of(serve_body).post("/", body: "x" * 300_000, progress: ->(progress) { reports << progress })
      assert_equal [300_000, BODY.bytesize], [reports.last.sent, reports.last.received]
      assert_equal [300_000, BODY.bytesize], [reports.last.to_send, reports.last.to_receive]
      assert_operator reports.size, :>, 2
      assert_nil reports.first.to_receive
    end
  end

  def test_only_false_from_progress_ends_a_call
    on_both_paths do
      codes = [false, nil].map { |result| client_of(serve_body).get_binary("/", progress: ->(_) { result }).code }
      assert_equal %i[cancelled ok], codes
      assert_predicate client_of(serve_body).get_binary("/", progress: nil), :ok?
    end
  end

  def test_a_download_appears_complete_or_not_at_all
    in_a_folder do |folder|
      file = Pathname("#{folder}/download")
      assert_predicate client_of(serve_body).get("/", output_file: file), :ok?
      assert_equal BODY, file.binread
      response = client_of(serve_body(status: "500 Oops")).get("/", output_file: "#{folder}/other")
      assert_equal 500, response.status
      assert_equal :file, client_of(serve_body).get("/", output_file: "#{folder}/none/other").code
      assert_equal ["download"], Dir.children(folder)
    end
  end

  def test_a_download_whose_progress_raises_leaves_no_file
    in_a_folder do |folder|
      client = client_of(serve_body)
      leaving = [->(_) { raise IOError }, ->(_) { throw :out }]
      on_both_paths do
        leaving.product([*1..20]) do |progress, _|
          catch(:out) { assert_raises(IOError) { client.get_binary("/", output_file: "#{folder}/file", progress: progress) } }
          assert_empty Dir.children(folder)
        end
      end
    end
  end

  def test_an_interrupted_download_leaves_no_file
    in_a_folder do |folder|
      server = serve { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst" }
      assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client_of(server).get("/", output_file: "#{folder}/file") } }
      Timeout.timeout(TIMEOUT) { Thread.pass until Dir.empty?(folder) }
    end
  end

  def test_a_file_is_sent_as_a_body
    in_a_folder do |folder|
      server = serve
      path = Pathname("#{folder}/upload")
      path.binwrite(BODY)
      client_of(server).put!("/", body_file: path)
      client_of(server).put!("/", body_file: [path.to_s, "image/png"])
      assert_equal [BODY, BODY], server.requests.map(&:body)
      assert_equal(%w[application/octet-stream image/png], server.requests.map { |request| request.headers["content-type"] })
      assert_equal :file, client_of(server).put("/", body_file: "#{folder}/none").code
    end
  end

  def test_a_multipart_form_has_fields_and_files
    in_a_folder do |folder|
      server = serve
      path = "#{folder}/picture.png"
      File.binwrite(path, BODY[0, 10])
      parts = { title: "Zoë", tags: %w[a b], none: nil, photo: File.new(path), second: Pathname(path),
                third: SAC::Part.file(path, content_type: "image/png"),
                data: SAC::Part.bytes("\x00\x01", file_name: "data.bin", content_type: "x/y"), plain: SAC::Part.bytes("p") }
      client_of(server).post!("/", multipart: parts)
      request = server.requests.last
      assert_match(%r{\Amultipart/form-data; boundary=}, request.headers["content-type"])
      assert_equal 8, request.body.b.scan(/Content-Disposition: form-data/i).size
      ['name="title"', 'name="tags"', 'filename="picture.png"', 'filename="data.bin"', "image/png", "x/y"].each do |text|
        assert_includes request.body.b, text
      end
      assert_equal 3, request.body.b.scan(BODY[0, 10]).size
    end
  end

  def test_many_requests_run_at_once_and_return_in_order
    on_both_paths do
      gate = Thread::Queue.new
      server = serve { |request| gate.pop && Server.response({ path: request.path, verb: request.verb }) }
      # The server responds when four requests have arrived, before a fifth.
      Thread.new { 4.times { server.wait_for_request } && 9.times { gate << true } }
      requests = Array.new(7) { |i| "/#{i}" } + [["POST", "/7", { json: {} }], ["DELETE", "/8"]]
      responses = client_of(server).send_all(requests, parallel: 4)
      assert_equal((0..8).map { |i| "/#{i}" }, responses.map { |response| response["path"] })
      assert_equal %w[POST DELETE], responses.last(2).map { |response| response["verb"] }
    end
  end

  def test_each_of_many_requests_has_its_own_result
    server = serve { |request| request.path == "/never" ? nil : Server.response }
    requests = ["/", "no-slash", ["GET", "/never", { timeout: 0.05 }]]
    assert_equal %i[ok invalid_path timeout], client_of(server).send_all(requests).map(&:code)
    assert_empty client_of(server).send_all([])
    assert_raises(ArgumentError) { client_of(server).send_all(["/"], parallel: 0) }
  end

  def test_many_requests_are_interrupted_together
    on_both_paths do
      client = client_of(serve_silence)
      assert_raises(Timeout::Error) { Timeout.timeout(0.1) { client.send_all(["/"] * 6, parallel: 3) } }
    end
  end

  def test_callbacks_of_many_requests_run_on_the_calling_thread
    threads = []
    client = client_of(serve, logger: Logger.new(StringIO.new, formatter: ->(*) { (threads << Thread.current) && "" }))
    on_a_thread do
      client.send_all(["/"] * 6)
      assert_equal [Thread.current], threads.uniq
    end
  end
end
