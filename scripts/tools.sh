#!/usr/bin/env bash
# Usage: scripts/tools.sh demo|docs|test|bench
# Sees to it that the tools for `make demo` and so on are there. As root on a system with apt-get the
# missing ones are installed; elsewhere each is named on a line of its own.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Tools by name, each with the command that shows that it works and the Debian packages that bring it.
declare -A PROBE=(
    [cargo]='cargo --version'
    [cc]='cc --version'
    [g++]='g++ --version'
    [valgrind]='valgrind -q true'
    [strace]='strace --version'
    [readelf]='readelf --version'
    [python3]='python3 -c "import ensurepip, venv"'
    [rust-src]='test -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library"'
    [clang++]='clang++ -fsanitize=address,undefined -x c++ - -o /dev/null <<<"int main() {}"'
    [doctest]='g++ -fsyntax-only -x c++ - <<<"#include <doctest/doctest.h>"'
    [nlohmann-json]='g++ -fsyntax-only -x c++ - <<<"#include <nlohmann/json.hpp>"'
    [go]='go version'
    [pkg-config]='pkg-config --version'
    [ruby]='ruby -rffi -rrack -e "exit RUBY_VERSION >= %q(3.1)"'
    [ruby-tools]='ruby -rfaraday -e "gem %q(minitest); gem %q(rbs)" && rubocop --version && yard --version'
    [rails]='ruby -ractive_support/all -raction_controller -e exit'
    [api-gems]='ruby -roctokit -relasticsearch -roauth2 -rfaraday_middleware -rfaraday_middleware/aws_sigv4 -racme-client -rsignet -e exit'
    [faraday-examples]='command -v rspec unshare ip && ruby -rwebmock -rmultipart_parser/reader -e exit'
    [puma]='ruby -rpuma -e exit'
    [async]='ruby -rasync -e exit'
    [newest-ruby]='((EUID == 0)) && command -v mmdebstrap'
    [rustfmt]='cargo fmt --version'
    [clippy]='cargo clippy --version'
    [nginx]='PATH=$PATH:/usr/sbin nginx -v'
    [tinyproxy]='tinyproxy -v'
    [microsocks]='command -v microsocks'
    [doxygen]='doxygen --version'
    [mandoc]='command -v mandoc'
    [yard]='yard --version'
    [libcurl]='echo "#include <curl/curl.h>" | cc -fsyntax-only -x c -'
    [jansson]='echo "#include <jansson.h>" | cc -fsyntax-only -x c -'
    [faraday]='ruby -rfaraday -e exit'
    [openssl]='openssl version'
    [cmake]='cmake --version'
    [abigail]='abidiff --version'
    [dpkg-dev]='dpkg-gencontrol --version'
    [lintian]='lintian --version'
)
declare -A PACKAGES=(
    [cargo]='rustup'
    [cc]='gcc libc6-dev'
    [g++]='g++'
    [clang++]='clang libclang-rt-dev'
    [doctest]='doctest-dev'
    [nlohmann-json]='nlohmann-json3-dev'
    [valgrind]='valgrind libc6-dbg'
    [strace]='strace'
    [readelf]='binutils'
    [python3]='python3 python3-venv'
    [nginx]='nginx-light'
    [tinyproxy]='tinyproxy'
    [microsocks]='microsocks'
    [libcurl]='libcurl4-openssl-dev'
    [jansson]='libjansson-dev'
    [faraday]='ruby-faraday'
    [openssl]='openssl ca-certificates'
    [cmake]='cmake'
    [abigail]='abigail-tools'
    [dpkg-dev]='dpkg-dev'
    [lintian]='lintian'
    [go]='golang-go'
    [pkg-config]='pkg-config'
    [ruby]='ruby ruby-ffi ruby-rack'
    [ruby-tools]='ruby-faraday rubocop yard'
    [rails]='ruby-activesupport ruby-actionpack'
    [api-gems]='ruby-octokit ruby-elasticsearch ruby-oauth2 ruby-faraday-middleware ruby-faraday-middleware-aws-sigv4
        ruby-acme-client ruby-signet'
    [faraday-examples]='ruby-rspec ruby-webmock ruby-multipart-parser util-linux iproute2'
    [puma]='puma'
    [async]='ruby-async'
    [newest-ruby]='mmdebstrap'
    [doxygen]='doxygen'
    [mandoc]='mandoc'
    [yard]='yard'
)
declare -A ADVICE=(
    [cargo]='install Rust as https://rustup.rs says'
    [rustfmt]='rustup component add rustfmt'
    [clippy]='rustup component add clippy'
    [rust-src]='rustup component add rust-src'
)

works() {
    bash -c "${PROBE[$1]}" >/dev/null 2>&1
}

list_missing() {
    local tool
    for tool in "$@"; do
        works "$tool" || printf '%s\n' "$tool"
    done
}

install() {
    local tool packages=()
    for tool in "$@"; do
        # Unquoted: a list of packages.
        # shellcheck disable=SC2206
        packages+=(${PACKAGES[$tool]:-})
    done
    if ((${#packages[@]})) && ((EUID == 0)) && command -v apt-get >/dev/null; then
        heading "installing ${packages[*]}"
        apt-get update -q || true
        # One by one, so that one unknown to this release does not keep the others away.
        for tool in "${packages[@]}"; do
            DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$tool" || true
        done
    fi
    if command -v rustup >/dev/null; then
        works cargo || rustup default stable || true
        for tool in rustfmt clippy; do
            works "$tool" || rustup component add "$tool" || true
        done
        # Wanted for one check only, so nobody waits for it for long.
        if [[ " $* " == *' rust-src '* ]]; then
            timeout 120 rustup component add rust-src || true
        fi
    fi
}

# Services that tests talk to: their packages are unpacked beside the build and not installed, so
# that nothing is started and no port is taken.
PARTS=build/parts
declare -A PART_OF=(
    [usr/bin/docker-registry]='docker-registry'
    [usr/bin/etcd]='etcd-server'
    [usr/bin/prometheus]='prometheus'
    [usr/sbin/danted]='dante-server libwrap0'
)

unpack_parts() {
    local part packages=() folder
    for part in "${!PART_OF[@]}"; do
        # Unquoted: a list of packages.
        # shellcheck disable=SC2206
        [[ -x $PARTS/$part ]] || packages+=(${PART_OF[$part]})
    done
    if ((${#packages[@]} == 0)) || ! command -v apt-get dpkg-deb >/dev/null; then
        return 0
    fi
    heading "unpacking ${packages[*]}"
    ((EUID != 0)) || apt-get update -q || true
    folder=$(mktemp -d)
    # One by one, so that one unknown to this release does not keep the others away.
    for part in "${packages[@]}"; do
        (cd "$folder" && apt-get download -q -o APT::Sandbox::User=root "$part") || true
    done
    mkdir -p "$PARTS"
    find "$folder" -name '*.deb' -exec dpkg-deb -x {} "$PARTS" \;
    rm -r "$folder"
}

# Cargo refuses an old compiler by itself, but only after it has fetched and read a good deal.
check_rust_version() {
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    have=$(cargo --version | cut -d' ' -f2)
    if [[ $(printf '%s\n' "$wanted" "$have" | sort -V | head -n1) != "$wanted" ]]; then
        complain "Rust $wanted or later is needed, this is $have: rustup update"
    fi
}

# Without these, and without the parts, the tests that need them are skipped.
optional=()
case ${1:-} in
    demo) tools=(cargo cc g++)
        optional=(go pkg-config ruby) ;;
    docs) tools=(cargo cc python3 go pkg-config doxygen mandoc yard) ;;
    test) tools=(cargo rustfmt clippy cc g++ valgrind strace readelf python3 go pkg-config ruby ruby-tools)
        tools+=(clang++ doctest nlohmann-json doxygen mandoc openssl cmake abigail)
        optional=(nginx tinyproxy microsocks dpkg-dev lintian rust-src rails api-gems faraday-examples puma async newest-ruby) ;;
    bench) tools=(cargo cc g++ go pkg-config ruby faraday python3 valgrind strace nginx openssl libcurl jansson) ;;
    *) complain "usage: scripts/tools.sh demo|docs|test|bench" ;;
esac

mapfile -t missing < <(list_missing "${tools[@]}" "${optional[@]}")
if ((${#missing[@]})); then
    install "${missing[@]}"
    mapfile -t missing < <(list_missing "${tools[@]}")
fi
for tool in "${missing[@]}"; do
    printf 'missing: %s (%s)\n' "$tool" "${ADVICE[$tool]:-install ${PACKAGES[$tool]:-it}}" >&2
done
((${#missing[@]} == 0)) || exit 1
for tool in $(list_missing "${optional[@]}"); do
    printf 'not there: %s; the tests that need it are skipped\n' "$tool" >&2
done
if [[ $1 == test ]]; then
    unpack_parts
    for part in "${!PART_OF[@]}"; do
        [[ -x $PARTS/$part ]] ||
            printf 'not there: %s; the tests that need it are skipped\n' "${part##*/}" >&2
    done
    if works newest-ruby; then
        heading "unpacking the newest Ruby of Debian"
        scripts/newest-ruby.sh unpack || printf 'not to be had: the newest Ruby; nothing is tested with it\n' >&2
    fi
fi
check_rust_version
