# frozen_string_literal: true

require "json"
require "openssl"
require_relative "helper"

# Runs gems for APIs with Faraday's own adapter, net_http, and with this one: the server and the program must
# receive the same.
class FaradayGemTest < SACTest
  # Fields that each adapter sets in its own way, or that name the adapter.
  ADAPTER_FIELDS = %w[accept-encoding connection content-length user-agent x-elastic-client-meta].freeze
  NEXT = { "Link" => '</users/ada/repos?page=2>; rel="next"' }.freeze
  RSA = OpenSSL::PKey::RSA.generate(2048)
  PREAMBLE = "require 'sac/faraday'; url = ARGV[0]; adapter = ARGV[1].to_sym;"

  # Returns what a program prints with an adapter, and its requests.
  def run_with(adapter, code, server)
    before = server.requests.size
    process = ruby("#{PREAMBLE}#{code}", server.url, adapter)
    output = process.read
    process.close
    assert_predicate Process.last_status, :success?, "#{adapter}: #{output}"
    requests = server.requests.drop(before)
    [output, requests.map { |request| [request.verb, request.path, request.body, request.headers.except(*ADAPTER_FIELDS)] }]
  end

  # Asserts that a program does the same with both adapters.
  #
  # @return [String] what it prints
  def assert_same(library, code, &respond)
    skip "not installed: #{library}" unless system(RbConfig.ruby, "-r#{library}", "-e", "exit", err: File::NULL)

    server = serve(&respond)
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
      when %r{/users/nobody} then Server.response({ message: "Not Found" }, status: "404 Not Found")
      when %r{/users/moved} then Server.response(status: "301 Moved", headers: { "Location" => "/users/ada" })
      when %r{/repos\?.*page=2} then Server.response([{ name: "two" }])
      when %r{/users/ada/repos} then Server.response([{ name: "one" }], headers: NEXT)
      when %r{/labels} then "HTTP/1.1 204 No Content\r\n\r\n"
      when %r{/contents} then Server.response("# grüß", headers: { "Content-Type" => "text/markdown; charset=utf-8" })
      else Server.response({ login: "ada", number: 7 })
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
      when %r{/none} then Server.response({ found: false }, status: "404 Not Found", headers: head)
      when "/" then Server.response({ version: { number: "7.17.1" }, tagline: "You Know, for Search" }, headers: head)
      else Server.response(request.verb == "HEAD" ? "" : { found: true, path: request.path }, headers: head)
      end
    end
  end

  # The server signs the received request, as AWS does.
  def test_requests_that_are_signed_for_aws
    output = assert_same("faraday_middleware/aws_sigv4", <<~RUBY) do |request|
      require "faraday_middleware"
      require "faraday_middleware/aws_sigv4"
      # A fixed time, so that both runs send the same.
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
      Server.response(status: signed?(request) ? "200 OK" : "403 Forbidden")
    end
    assert_equal ["200"], output.split.uniq
  end

  def signed?(request)
    require "aws-sigv4"
    signer = Aws::Sigv4::Signer.new(service: "es", region: "eu-west-1", access_key_id: "id", secret_access_key: "key")
    received = request.headers["authorization"]
    fields = request.headers.slice(*received[/SignedHeaders=([^,]+)/, 1].split(";"))
    expected = signer.sign_request(http_method: request.verb, url: "http://#{request.headers['host']}#{request.path}",
                                   headers: fields, body: request.body)
    expected.headers["authorization"] == received
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
      when "/denied" then Server.response({ error: "invalid_token" }, status: "401 Unauthorized")
      else Server.response({ access_token: "t0ken", token_type: "bearer", name: "ada" })
      end
    end
  end

  # RFC 8555: every request is signed, with a nonce from the previous response.
  def test_acme
    assert_same("acme-client", <<~RUBY) do |request|
      require "acme-client"
      Faraday.default_adapter = adapter
      key = OpenSSL::PKey::RSA.new(#{RSA.to_pem.dump})
      client = Acme::Client.new(private_key: key, directory: "\#{url}/directory")
      p client.new_account(contact: "mailto:ada@example.com", terms_of_service_agreed: true).kid.delete_prefix(url)
      order = client.new_order(identifiers: ["example.com"])
      p order.authorizations.first.http.then { |challenge| [challenge.filename, challenge.request_validation] }
      csr = OpenSSL::X509::Request.new.tap { |request| request.public_key = key }
      p order.finalize(csr: csr.sign(key, "SHA256")), order.status
      p client.certificate(url: "\#{url}/certificate")
      p (client.order(url: "\#{url}/rejected") rescue [$!.class, $!.message])
      p (client.order(url: "\#{url}/missing") rescue $!.class)
    RUBY
      acme(request.path, "http://#{request.headers['host']}")
    end
  end

  def acme(path, url)
    head = { "Replay-Nonce" => "nonce#{path}", "Link" => "<#{url}/directory>;rel=\"index\"", "Location" => "#{url}/account/1" }
    type, content = acme_content(path.delete_prefix("/"), url)
    status = { "/missing" => "404 Not Found", "/rejected" => "400 Bad Request" }.fetch(path, "200 OK")
    head.delete("Replay-Nonce") if path == "/directory"
    Server.response(content, status: status, headers: { **head, "Content-Type" => type || "application/json" })
  end

  def acme_content(name, url)
    challenge = { type: "http-01", status: "pending", token: "t0ken", url: "#{url}/challenge" }
    order = { status: "valid", authorizations: ["#{url}/authorization"], finalize: "#{url}/finalize" }
    { "directory" => [nil, %w[newNonce newAccount newOrder].to_h { |kind| [kind, "#{url}/#{kind}"] }],
      "newNonce" => [nil, ""], "challenge" => [nil, challenge],
      "authorization" => [nil, { identifier: { type: "dns", value: "example.com" }, status: "valid", challenges: [challenge] }],
      "certificate" => ["application/pem-certificate-chain", "-----"],
      "rejected" => ["application/problem+json", { type: "urn:ietf:params:acme:error:badNonce", detail: "used before" }] }
      .fetch(name) { [nil, order] }
  end

  # The tokens of service accounts for Google's APIs (RFC 7523).
  def test_signet
    assert_same("signet", <<~RUBY) do |request|
      require "signet/oauth_2/client"
      faraday = Faraday.new { |f| f.request :url_encoded; f.adapter adapter }
      client = Signet::OAuth2::Client.new(
        token_credential_uri: "\#{url}/token", audience: "\#{url}/token", scope: "read", issuer: "ada@example.com",
        signing_key: OpenSSL::PKey::RSA.new(#{RSA.to_pem.dump})
      )
      # A fixed time, so that both runs send the same.
      Time.singleton_class.prepend(Module.new { def new(*) = at(1_700_000_000) })
      p client.fetch_access_token!(connection: faraday)["access_token"]
      p client.fetch_protected_resource(uri: "\#{url}/me", connection: faraday).body
      client.update!(token_credential_uri: "\#{url}/denied")
      p (client.fetch_access_token!(connection: faraday) rescue [$!.class, $!.message])
    RUBY
      case request.path
      when "/denied" then Server.response({ error: "invalid_grant" }, status: "400 Bad Request")
      else Server.response({ access_token: "t0ken", token_type: "Bearer", name: "ada" })
      end
    end
  end
end
