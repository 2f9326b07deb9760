# frozen_string_literal: true

# Compares what came of a case with what is expected.
class Judge
  INT64 = ((-2**63)...(2**63))

  def initialize(expect, outcome)
    @expect = expect
    @outcome = outcome
    @response = outcome.response
    @faults = []
  end

  # What is not as it should be.
  def faults(requests)
    same("code", @expect["code"], code)
    if called?
      judge_head
      judge_json
      Array(@expect["values"]).each { |value| judge_value(value) }
    end
    judge_callbacks
    judge_paths
    judge_requests(requests) if @expect["requests"]
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

  # Where something was refused before, only the code and the requests are compared.
  def called?
    @response && !@response.is_a?(SAC::StoredResponse)
  end

  def judge_head
    %w[status reason attempts].each { |name| same(name, @expect[name], @response.public_send(name)) if @expect[name] }
    Array(@expect["headers"]).each do |name, value|
      same(name, value, @response.header(name))
      same(name, value, @response.headers[name])
    end
    Array(@expect["links"]).each { |rel, url| same(rel, url, @response.link(rel)) }
    same("body", @expect["body_base64"].unpack1("m"), @response.body) if @expect["body_base64"]
  end

  def judge_json
    same("whether there is an error", @response.ok?, @response.error.nil?)
    same("error in json", @response.error, @response.at("/error")) if @response.error
    %w[json json_state error].each do |name|
      same(name, @expect[name], @response.public_send(name).to_s) if @expect[name]
    end
    look_for("error_contains", @response.error.to_s)
    look_for("journal_contains", @response.journal.to_s)
  end

  def look_for(list, text, wanted: true)
    Array(@expect[list]).each { |word| @faults << "#{list}: #{word}: #{text}" if text.include?(word) != wanted }
  end

  def judge_value(value)
    pointer = value.fetch("pointer")
    actual = values_at(pointer)
    value.except("pointer").each do |kind, expected|
      same("the #{kind} at #{pointer}", expected, actual.fetch(kind).call)
    end
  end

  # Each is nil where there is nothing of its kind.
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

  def judge_callbacks
    same("retry_calls", @expect["retry_calls"], @outcome.retry_calls) if @expect["retry_calls"]
    log = @outcome.log.join("\n")
    look_for("log_contains", log)
    look_for("log_lacks", log, wanted: false)
  end

  def judge_paths
    Array(@expect["paths_of"]).each { |url, path| same(url, path, path_of(url)) }
  end

  def path_of(url)
    @outcome.client.path_of(url)
  rescue SAC::InvalidURL
    nil
  end

  def judge_requests(seen)
    expected = @expect["requests"]
    same("the number of requests", expected.size, seen.size)
    expected.zip(seen) { |wanted, raw| judge_request(wanted, raw) if raw }
  end

  def judge_request(wanted, raw)
    @faults << "it does not start so: #{raw}" unless raw.start_with?(wanted.fetch("starts_with", ""))
    @faults << "it does not end so: #{raw}" unless raw.end_with?(wanted.fetch("ends_with", ""))
    Array(wanted["contains"]).each { |word| @faults << "it lacks #{word}: #{raw}" unless raw.include?(word) }
    Array(wanted["lacks"]).each { |word| @faults << "it contains #{word}: #{raw}" if raw.include?(word) }
  end
end
