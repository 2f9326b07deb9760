# frozen_string_literal: true

# Compares the outcome of a case with its expectations.
class Checker
  INT64 = ((-2**63)...(2**63))

  def initialize(expect, outcome)
    @expect = expect
    @outcome = outcome
    @response = outcome.response
    @faults = []
  end

  # The differences from the expectations.
  def faults(requests)
    same("code", @expect["code"], code)
    if called?
      check_head
      check_json
      check_records
      Array(@expect["values"]).each { |value| check_value(value) }
    end
    check_callbacks
    check_paths
    check_requests(requests) if @expect["requests"]
    @faults
  end

  private

  def code
    name = @outcome.refusal || (@outcome.stream || @response).code
    name_of(name)
  end

  def name_of(code)
    code == :ok ? "SAC_OK" : "SAC_ERR_#{code.upcase}"
  end

  def same(what, expected, actual)
    @faults << "#{what} is #{actual.inspect} instead of #{expected.inspect}" unless expected.eql?(actual)
  end

  # If an earlier step was refused, only the code and the requests are compared. The head of a stream is always stored.
  def called?
    @response && (@outcome.stream || !@response.is_a?(SAC::StoredResponse))
  end

  def check_head
    %w[status reason attempts].each { |name| same(name, @expect[name], @response.public_send(name)) if @expect[name] }
    Array(@expect["headers"]).each do |name, value|
      same(name, value, @response.header(name))
      same(name, value, @response.headers[name])
    end
    Array(@expect["links"]).each { |rel, url| same(rel, url, @response.link(rel)) }
    same("body", @expect["body_base64"].unpack1("m"), @response.body) if @expect["body_base64"]
  end

  def check_json
    same("whether there is an error", @response.ok?, @response.error.nil?)
    same("error in json", @response.error, @response.at("/error")) if @response.error
    %w[json json_state].each { |name| same(name, @expect[name], @response.public_send(name).to_s) if @expect[name] }
    look_for("journal_contains", @response.journal.to_s)
    check_error((@outcome.stream || @response).error)
  end

  # That of the response, or of a stream after its last record.
  def check_error(error)
    same("error", @expect["error"], error) if @expect["error"]
    look_for("error_contains", error.to_s)
  end

  def check_records
    expected = Array(@expect["records"])
    actual = Array(@outcome.records)
    same("the number of records", expected.size, actual.size)
    expected.zip(actual) { |want, record| check_record(want, record) if record }
  end

  def check_record(want, record)
    members = { "type" => record.type, "id" => record.id, "data" => record.data, "json" => record.json_text,
                "json_state" => record.json_state.to_s, "code" => name_of(record.code) }
    want.each { |name, value| same("the #{name} of a record", value, members.fetch(name)) }
  end

  def look_for(list, text, want: true)
    Array(@expect[list]).each { |word| @faults << "#{list}: #{word}: #{text}" if text.include?(word) != want }
  end

  def check_value(value)
    pointer = value.fetch("pointer")
    actual = values_at(pointer)
    value.except("pointer").each do |kind, expected|
      same("the #{kind} at #{pointer}", expected, actual.fetch(kind).call)
    end
  end

  # Each is nil if there is no value of its kind.
  def values_at(pointer)
    type = @response.type_at(pointer)
    {
      "type" => -> { type.to_s },
      "string" => -> { @response.at(pointer) if type == :string },
      "text" => -> { @response.text_at(pointer) },
      "length" => -> { @response.size_at(pointer) },
      "bool" => -> { @response.at(pointer) if type == :bool },
      "int64" => -> { @response.at(pointer).then { |value| value if value.is_a?(Integer) && INT64.cover?(value) } },
      "double" => -> { @response.at(pointer).to_f.then { |value| value if value.finite? } if type == :number }
    }
  end

  def check_callbacks
    same("retry_calls", @expect["retry_calls"], @outcome.retry_calls) if @expect["retry_calls"]
    log = @outcome.log.join("\n")
    look_for("log_contains", log)
    look_for("log_lacks", log, want: false)
  end

  def check_paths
    Array(@expect["paths_of"]).each { |url, path| same(url, path, path_of(url)) }
  end

  def path_of(url)
    @outcome.client.path_of(url)
  rescue SAC::InvalidURL
    nil
  end

  def check_requests(received)
    expected = @expect["requests"]
    same("the number of requests", expected.size, received.size)
    expected.zip(received) { |want, raw| check_request(want, raw) if raw }
  end

  def check_request(want, raw)
    start, ending = want.values_at("starts_with", "ends_with").map(&:to_s)
    @faults << "a request does not start with #{start}: #{raw}" unless raw.start_with?(start)
    @faults << "a request does not end with #{ending}: #{raw}" unless raw.end_with?(ending)
    Array(want["contains"]).each { |word| @faults << "a request lacks #{word}: #{raw}" unless raw.include?(word) }
    Array(want["lacks"]).each { |word| @faults << "a request contains #{word}: #{raw}" if raw.include?(word) }
  end
end
