# frozen_string_literal: true

require_relative "setting_table"

# Runs a case: makes the client and the request, and sends it.
class Perform
  # The result of a case: a response, or a stream with its head and its records; if an earlier step was refused, only
  # its code.
  Outcome = Struct.new(:client, :response, :stream, :records, :refusal, :retry_calls, :log, keyword_init: true)
  # A logger that collects messages.
  CallbackLog = Struct.new(:lines) do
    %i[error warn info debug].each { |level| define_method(level) { |line| lines << line } }
  end

  def initialize(url, test_case)
    @case = test_case
    @url = test_case["base_url"] || (url + test_case.fetch("base_path", ""))
    @outcome = Outcome.new(retry_calls: 0, log: [])
  end

  def outcome
    client = SAC::Client.new(@url)
    prepare(client, @case.fetch("client", {}))
    if @case["clone"]
      client = client.scope
      prepare(client, @case["clone"])
    end
    @outcome.client = client
    call(client, @case.fetch("request"))
    @outcome
  rescue SAC::Error => e
    @outcome.refusal = e.code
    @outcome
  end

  private

  def prepare(client, settings)
    client.reset if settings["reset"]
    lists(client, settings)
    client.configure(**credentials(settings), **values(settings))
    callbacks(client, settings)
  end

  def credentials(settings)
    chosen = settings.slice("bearer", "basic", "digest", "bearer_file").transform_keys(&:to_sym)
    settings.slice("client_credentials", "refresh_token").each do |name, values|
      chosen[name.to_sym] = values.transform_keys(&:to_sym)
    end
    tokens = settings["tokens"]
    chosen[:token] = ->(_) { tokens.size > 1 ? tokens.shift : tokens.first } if tokens
    chosen
  end

  def lists(client, settings)
    settings.fetch("headers", []).each { |name, value| client.add_header(name, value) }
    settings.fetch("remove_headers", []).each { |name| client.remove_header(name) }
    settings.fetch("cookies", []).each { |name, value| client.add_cookie(name, value) }
    settings.fetch("remove_cookies", []).each { |name| client.remove_cookie(name) }
  end

  def values(settings)
    settings.slice(*SETTINGS.keys).to_h { |name, value| [SETTINGS[name].first, SETTINGS[name].last.call(value)] }
  end

  def callbacks(client, settings)
    sign_for_aws(client, settings["aws_sigv4"]) if settings["aws_sigv4"]
    sign(client, settings["signed_cookie"]) if settings["signed_cookie"]
    client.on_retry = ->(_) { (@outcome.retry_calls += 1) && settings["retry_callback"] } if settings.key?("retry_callback")
    attempts(client, settings["attempt_callback"]) if settings.key?("attempt_callback")
    return unless settings["log_level"]

    client.set_logger(CallbackLog.new(@outcome.log), SAC::LOG_LEVELS.key(settings["log_level"]))
  end

  def attempts(client, allowed)
    client.on_attempt = lambda { |attempt|
      attempt["X-Attempt"] = [attempt.number, attempt.verb, attempt.target, attempt.body_sha256].join(" ")
      allowed
    }
  end

  def sign(client, cookie)
    name, payload, digest = cookie.values_at("name", "payload", "digest")
    client.add_signed_cookie(name, payload, key_id: cookie["key_id"], key: cookie["key"], digest: SAC::DIGESTS.key(digest))
  end

  def sign_for_aws(client, arguments)
    names = %i[region service access_key_id secret_access_key session_token]
    client.set_aws_sigv4(**names.zip(arguments).to_h)
  end

  def call(client, request)
    return @outcome.response = send_request(client, request) unless request["stream"]

    @outcome.stream = open_stream(client, request)
    @outcome.response = @outcome.stream.response
    @outcome.records = records_of(@outcome.stream)
  end

  def open_stream(client, request)
    options = { records: request["records"]&.to_sym, last_event_id: request["last_event_id"] }.compact
    client.stream(request.fetch("path"), method: request.fetch("method"), **options, **bodies(request),
                                         **values(request), **control(request))
  end

  # All records up to the end, or up to the error that the stream keeps. There is none after it.
  def records_of(stream)
    records = []
    loop { records << stream.next }
    records + stream.first(1)
  rescue SAC::Error
    records
  end

  def send_request(client, request)
    return one_line(client, request) if request["call"]

    client.request(request.fetch("method"), request.fetch("path"), **bodies(request), **values(request),
                   **control(request))
  end

  # `post_json` is `post` with a JSON text, and so on.
  def one_line(client, request)
    method, kind = request["call"].split("_")
    return client.get_binary(request["path"]) if kind == "binary"

    client.public_send(method, request["path"], **bodies(request))
  end

  def bodies(request)
    {
      query: request["query"],
      headers: request["headers"],
      form: request["form"],
      json_text: request["json"],
      body: request["body_base64"] && [request["body_base64"].unpack1("m"), request["content_type"]]
    }.compact
  end

  def control(request)
    { idempotency_key: request["idempotency_key"], cancel: (SAC::Cancel.new.trigger if request["cancelled"]) }.compact
  end
end
