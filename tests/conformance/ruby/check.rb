# frozen_string_literal: true

# Compares the outcome of a case with the expected one.
class Checker
  INT64 = ((-2**63)...(2**63))

  def initialize(expect, outcome)
    @expect = expect
    @outcome = outcome
    @response = outcome.response
    @faults = []
  end

  # The differences.
  def faults(requests)
    same("code", @expect["code"], code)
    if called?
      check_head
      check_json
      Array(@expect["values"]).each { |value| check_value(value) }
    end
    check_callbacks
    check_paths
    check_requests(requests) if @expect["requests"]
    @faults
  end

  private

  def code
    name = @outcome.refusal || @response.code
    name == :ok ? "SAC_OK" : "SAC_ERR_#{name.upcase}"
  end

  def same(what, expected, actual)
    @faults << "#{what} is #{actual.inspect} instead of #{expected.inspect}" unless expected.eql?(actual)
  end

  # If a step before the call failed, only the code and the requests are compared.
  def called?
    @response && !@response.is_a?(SAC::StoredResponse)
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
    same("the presence of an error", @response.ok?, @response.error.nil?)
    same("error in json", @response.error, @response.at("/error")) if @response.error
    %w[json json_state error].each do |name|
      same(name, @expect[name], @response.public_send(name).to_s) if @expect[name]
    end
    check_contains("error_contains", @response.error.to_s)
    check_contains("journal_contains", @response.journal.to_s)
  end

  def check_contains(list, text, wanted: true)
    Array(@expect[list]).each { |word| @faults << "#{list}: #{word}: #{text}" if text.include?(word) != wanted }
  end

  def check_value(value)
    pointer = value.fetch("pointer")
    actual = values_at(pointer)
    value.except("pointer").each do |kind, expected|
      same("the #{kind} at #{pointer}", expected, actual.fetch(kind).call)
    end
  end

  # Each returns nil if there is no value of its type.
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
    check_contains("log_contains", log)
    check_contains("log_lacks", log, wanted: false)
  end

  def check_paths
    Array(@expect["paths_of"]).each { |url, path| same(url, path, path_of(url)) }
  end

  def path_of(url)
    @outcome.client.path_of(url)
  rescue SAC::InvalidURL
    nil
  end

  def check_requests(seen)
    expected = @expect["requests"]
    same("the number of requests", expected.size, seen.size)
    expected.zip(seen) { |wanted, raw| check_request(wanted, raw) if raw }
  end

  def check_request(wanted, raw)
    @faults << "the request has another start: #{raw}" unless raw.start_with?(wanted.fetch("starts_with", ""))
    @faults << "the request has another end: #{raw}" unless raw.end_with?(wanted.fetch("ends_with", ""))
    Array(wanted["contains"]).each { |word| @faults << "the request lacks #{word}: #{raw}" unless raw.include?(word) }
    Array(wanted["lacks"]).each { |word| @faults << "the request contains #{word}: #{raw}" if raw.include?(word) }
  end
end
