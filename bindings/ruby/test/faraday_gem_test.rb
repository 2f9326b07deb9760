# frozen_string_literal: true

require "json"
require_relative "helper"

# Gems for APIs, once with Faraday's own adapter, net_http, and once with this one: the server gets the
# same, and the program gets the same.
class FaradayGemTest < SACTest
  # Those that each adapter sets in its own way, or that name it.
  OWN = %w[accept-encoding connection content-length user-agent x-elastic-client-meta].freeze
  NEXT = { "Link" => '</users/ada/repos?page=2>; rel="next"' }.freeze
  START = "require 'sac/faraday'; url = ARGV[0]; adapter = ARGV[1].to_sym;"

  # What a program prints with an adapter, and the requests that it makes.
  def run_with(adapter, code, server)
    before = server.requests.size
    process = ruby("#{START}#{code}", server.url, adapter)
    output = process.read
    process.close
    assert_predicate Process.last_status, :success?, "#{adapter}: #{output}"
    requests = server.requests.drop(before)
    [output, requests.map { |request| [request.verb, request.path, request.body, request.headers.except(*OWN)] }]
  end

  # Asserts that a program does the same with both adapters.
  #
  # @return [String] what it prints
  def assert_same(library, code, &answer)
    skip "not here: #{library}" unless system(RbConfig.ruby, "-r#{library}", "-e", "exit", err: File::NULL)

    server = serve(&answer)
    theirs, ours = %w[net_http sac].map { |adapter| run_with(adapter, code, server) }
    refute_empty ours.last
    assert_equal theirs, ours
    ours.first
  end

  def test_octokit
    assert_same("octokit", <<~RUBY) do |request|
      require "octokit"
      stack = Faraday::RackBuilder.new do |builder|
        builder.use Octokit::Middleware::FollowRedirects
        builder.use Octokit::Response::RaiseError
        builder.adapter adapter
      end
      client = Octokit::Client.new(access_token: "t0ken", api_endpoint: url, middleware: stack, auto_paginate: true)
      p client.user("ada").login
      p client.repositories("ada").map(&:name)
      p client.create_issue("ada/shop", "title", "gr\\u00fc\\u00df").number
      p client.delete_label!("ada/shop", "bug")
      p client.contents("ada/shop", path: "README.md", accept: "application/vnd.github.raw").dup.force_encoding("UTF-8")
      p (client.user("nobody") rescue [$!.class, $!.message])
      p client.user("moved").login
    RUBY
      case request.path
      when %r{/users/nobody} then Server.answer({ message: "Not Found" }, status: "404 Not Found")
      when %r{/users/moved} then Server.answer(status: "301 Moved", headers: { "Location" => "/users/ada" })
      when %r{/repos\?.*page=2} then Server.answer([{ name: "two" }])
      when %r{/users/ada/repos} then Server.answer([{ name: "one" }], headers: NEXT)
      when %r{/labels} then "HTTP/1.1 204 No Content\r\n\r\n"
      when %r{/contents} then Server.answer("# grüß", headers: { "Content-Type" => "text/markdown; charset=utf-8" })
      else Server.answer({ login: "ada", number: 7 })
      end
    end
  end

  def test_elasticsearch
    assert_same("elasticsearch", <<~RUBY) do |request|
      require "elasticsearch"
      client = Elasticsearch::Client.new(url: url, adapter: adapter)
      p client.info["version"]
      p client.index(index: "i", id: 1, body: { text: "gr\\u00fc\\u00df" })
      p client.get(index: "i", id: 1)
      p client.exists(index: "i", id: 1)
      p client.bulk(body: [{ index: { _index: "i" } }, { a: 1 }])
      p client.search(index: "i", body: { query: { match_all: {} } })
      p client.delete(index: "i", id: 1)
      p (client.get(index: "i", id: "none") rescue $!.class)
    RUBY
      head = { "X-Elastic-Product" => "Elasticsearch" }
      case request.path
      when %r{/none} then Server.answer({ found: false }, status: "404 Not Found", headers: head)
      when "/" then Server.answer({ version: { number: "7.17.1" }, tagline: "You Know, for Search" }, headers: head)
      else Server.answer(request.verb == "HEAD" ? "" : { found: true, path: request.path }, headers: head)
      end
    end
  end

  # The server signs what it has got, as AWS does.
  def test_requests_that_are_signed_for_aws
    output = assert_same("faraday_middleware/aws_sigv4", <<~RUBY) do |request|
      require "faraday_middleware"
      require "faraday_middleware/aws_sigv4"
      # One time for all.
      Time.singleton_class.prepend(Module.new { def now = at(1_700_000_000) })
      faraday = Faraday.new(url) do |f|
        f.request :aws_sigv4, service: "es", region: "eu-west-1", access_key_id: "id", secret_access_key: "key"
        f.adapter adapter
      end
      json = { "Content-Type" => "application/json" }
      %i[get head delete options].each { |verb| p faraday.run_request(verb, "/i?a=b", nil, json).status }
      p faraday.post("/i", '{"a":1}', json).status
      p faraday.put("/i", nil, json).status
    RUBY
      Server.answer(status: signed?(request) ? "200 OK" : "403 Forbidden")
    end
    assert_equal ["200"], output.split.uniq
  end

  def signed?(request)
    require "aws-sigv4"
    signer = Aws::Sigv4::Signer.new(service: "es", region: "eu-west-1", access_key_id: "id", secret_access_key: "key")
    given = request.headers["authorization"]
    fields = request.headers.slice(*given[/SignedHeaders=([^,]+)/, 1].split(";"))
    made = signer.sign_request(http_method: request.verb, url: "http://#{request.headers['host']}#{request.path}",
                               headers: fields, body: request.body)
    made.headers["authorization"] == given
  end

  def test_oauth2
    assert_same("oauth2", <<~RUBY) do |request|
      require "oauth2"
      client = OAuth2::Client.new("id", "secret", site: url) { |f| f.request :url_encoded; f.adapter adapter }
      token = client.client_credentials.get_token
      p token.token
      p token.get("/me").parsed
      p token.post("/items", body: { a: "b c" }).status
      p (token.get("/denied") rescue [$!.class, $!.response.status])
    RUBY
      case request.path
      when "/denied" then Server.answer({ error: "invalid_token" }, status: "401 Unauthorized")
      else Server.answer({ access_token: "t0ken", token_type: "bearer", name: "ada" })
      end
    end
  end
end
