# frozen_string_literal: true

require "json"

# One run of a subject's examples with an adapter, in a separate network namespace.
class Trial
  ROOT = File.expand_path("../../../..", __dir__)
  PROXY = "http://env-proxy.com:80"
  ROUTES = { "direct" => {}, "by proxy" => { "http_proxy" => PROXY, "https_proxy" => PROXY, "no_proxy" => "localhost" } }.freeze
  HOSTS = <<~TEXT
    127.0.0.1 localhost
    127.0.0.2 example.com
    127.0.0.3 env-proxy.com google.co.uk
  TEXT
  # The names lead to StubServer, also in another root.
  NETWORK = <<~'SH'
    ip link set lo up
    for hosts in /etc/hosts "$1"; do
        [ ! -e "$hosts" ] || mount --bind "$2" "$hosts"
    done
    shift 2
    exec "$@"
  SH

  # @param folder [String] for the results
  # @param newest [String] the root of Debian's newest Ruby
  def initialize(subject, adapter, route, folder, newest)
    @subject = subject
    @environment = { "ADAPTER" => adapter, "EXAMPLES" => subject.examples, **no_proxies, **ROUTES.fetch(route) }
    @newest = newest
    @stem = "#{folder}/#{[subject.name, route, adapter].join(' ').tr(' ', '-')}"
  end

  # Runs the examples.
  def run
    File.write(hosts, HOSTS)
    File.write(result, "")
    system(@environment, "unshare", "--net", "--mount", "sh", "-ec", NETWORK, "sh", "#{@newest}/etc/hosts", hosts,
           *@subject.launcher, "rspec", *[*@subject.libraries, "#{ROOT}/bindings/ruby/lib"].map { |path| "-I#{path}" },
           "--options", File::NULL, "--format", "json", "--out", result, "#{__dir__}/adapter_spec.rb",
           chdir: ROOT, %i[out err] => log)
  end

  # @param scheme [String] `http` or `https`
  # @return [Hash{String => Boolean}] the examples, and whether they pass
  def examples(scheme)
    part = scheme == "https" ? "with SSL enabled " : "with SSL disabled "
    all.filter_map { |text, passed| [text.delete_prefix(part), passed] if text.start_with?(part) }.to_h
  end

  private

  # Removes the proxies of the environment.
  def no_proxies
    ENV.keys.grep(/_proxy\z/i).to_h { |name| [name, nil] }
  end

  def all
    @all ||= JSON.parse(File.read(result)).fetch("examples").to_h do |example|
      [example.fetch("full_description").sub(/\A.* an adapter (that sends files )?/, ""), example.fetch("status") == "passed"]
    end
  rescue JSON::ParserError
    abort "The examples did not run. #{log}:\n#{File.read(log)}"
  end

  def result
    "#{@stem}.json"
  end

  def log
    "#{@stem}.log"
  end

  # Its own file: to write one for all would make it empty for a moment, while other trials look up names.
  def hosts
    "#{@stem}.hosts"
  end
end
