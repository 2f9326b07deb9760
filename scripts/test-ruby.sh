#!/usr/bin/env bash
# Everything about the Ruby binding but its conformance: what is generated, style, signatures,
# documentation, the tests, and the gem as it is built and installed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

gem_dir=bindings/ruby
work=$PWD/build/ruby

# run_tests FILE…
run_tests() {
    (cd "$gem_dir" && ruby -w -Ilib -Itest "$@")
}

rbs() {
    ruby -e 'gem "rbs"; load Gem.bin_path("rbs", "rbs")' -- "$@"
}

# The signatures are well-formed, and those of the everyday classes are what the methods take and give.
check_signatures() {
    rbs -I "$gem_dir/sig" validate --silent || return
    local file
    for file in client call_option response stored_response error hook; do
        RBS_TEST_TARGET='SAC::Client,SAC::Calls,SAC::Request,SAC::Stream,SAC::Response,SAC::Headers,SAC::Values,SAC::Cancel,SAC::Error,SAC::SignedCookie' \
            RBS_TEST_OPT='-I sig' RBS_TEST_LOGLEVEL=error RUBYOPT=-rrbs/test/setup \
            run_tests "test/${file}_test.rb" || return
    done
}

check_documentation() {
    local report
    report=$(cd "$gem_dir" && yard stats --list-undoc --no-cache -b "$work/yardoc")
    printf '%s\n' "$report"
    grep -q '100.00% documented' <<<"$report"
}

# Built, installed in a folder of its own, and used from there.
check_gem() {
    local gem=$work/sac.gem installed=$work/gems
    rm -rf "$installed"
    scripts/gem.sh "$gem" || return
    gem install --quiet --local --ignore-dependencies --no-document --install-dir "$installed" "$gem" || return
    GEM_PATH=$installed:$(gem env path) ruby -e '
        gem "sac"
        require "sac"
        here = Gem.loaded_specs["sac"].full_gem_path
        %w[LICENSE-MIT LICENSE-APACHE CHANGELOG.md README.md].each { |file| File.exist?(File.join(here, file)) or abort "no #{file}" }
        puts "sac #{SAC::VERSION} with libsac #{SAC.library_version}, from #{here}"
        exit SAC::Client.new("http://127.0.0.1:1").get("/").code == :connect'
}

scripts/build.sh debug build/lib
mkdir -p "$work"
export SAC_LIBRARY=$PWD/build/lib/libsac.so.0

check "generated from the header" "$gem_dir/tool/generate" --check
check "style" rubocop --cache false --config "$gem_dir/.rubocop.yml" "$gem_dir" examples/ruby tests/conformance/ruby
check "signatures" check_signatures
check "documentation" check_documentation
check "gem" check_gem
check "tests" run_tests test/all.rb
check "Faraday's own examples" "$gem_dir/test/faraday_examples/run"
if [[ -x build/parts/newest-ruby/usr/bin/ruby ]]; then
    check "tests with the newest Ruby of Debian" scripts/newest-ruby.sh run \
        ruby -Ibindings/ruby/lib -Ibindings/ruby/test -e 'puts "Ruby #{RUBY_VERSION}"; require "./bindings/ruby/test/all"'
else
    printf 'not there: the newest Ruby of Debian; scripts/tools.sh test unpacks it, as root\n'
fi

report
