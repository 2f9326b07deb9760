#!/usr/bin/env bash
# Usage: scripts/bench.sh [--quick] [--report] [--only PART…]
# Builds the clients that are compared and the server that they call, measures, and writes the tables
# and the plot of docs/performance.md. --quick: one short round of everything, written nowhere;
# --report: write again from what was measured last; --only: measure these parts (calls, tls, cold,
# threads, counters, sizes), the rest being as it was last.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

peers=benches/peers
folder=build/bench
release=build/release
c=(cc -std=c99 -O2 "${WARNINGS[@]}")
cpp=(g++ -std=c++17 -O2 "-I$peers/c" "${WARNINGS[@]}")
libsac=(-Iinclude -L"$release" -lsac "-Wl,-rpath,$PWD/$release")

# cpr is no package of Debian 12; where a system has it, it takes part.
compile_cpr() {
    if g++ -std=c++17 -fsyntax-only -x c++ - <<<'#include <cpr/cpr.h>' 2>/dev/null; then
        "${cpp[@]}" "$peers/cpp/cpr.cpp" "$folder/peer.o" -o "$folder/cpr" -pthread -lcpr -lcurl
    else
        rm -f "$folder/cpr"
        printf 'not there: cpr; it does not take part\n'
    fi
}

compile_c() {
    "${c[@]}" "$peers/c/server.c" -o "$folder/server" -pthread
    "${c[@]}" -c "$peers/c/peer.c" -o "$folder/peer.o"
    "${c[@]}" "$peers/c/raw.c" "$folder/peer.o" -o "$folder/raw" -pthread
    "${c[@]}" "$peers/c/curl.c" "$folder/peer.o" -o "$folder/curl" -pthread -lcurl
    "${c[@]}" -DWITH_JANSSON "$peers/c/curl.c" "$folder/peer.o" -o "$folder/curl-jansson" -pthread -lcurl -ljansson
    "${c[@]}" "$peers/c/sac.c" "$folder/peer.o" -o "$folder/sac-c" -pthread "${libsac[@]}"
    "${cpp[@]}" "$peers/cpp/sac.cpp" "$folder/peer.o" -o "$folder/sac-cpp" -pthread "${libsac[@]}"
    cc -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared "$peers/c/count_malloc.c" -o "$folder/count_malloc.so"
}

compile_go() (
    LIBRARY_FOLDER=$release
    source scripts/go-env.sh
    output=$PWD/$folder
    cd "$peers/go"
    go vet ./...
    go build -o "$output/sac-go" ./sac
    CGO_ENABLED=0 go build -o "$output/net-http-go" ./nethttp
)

install_python() {
    local venv=$folder/venv
    if [[ ! -x $venv/bin/python ]] || ! "$venv/bin/python" -c 'import simple_api_client' 2>/dev/null; then
        python3 -m venv --clear "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$peers/python/requirements.txt"
    fi
}

scripts/tools.sh bench
heading "building"
scripts/build.sh release "$release"
need_header
mkdir -p "$folder"
compile_c
compile_cpr
compile_go
install_python

heading "measuring"
PATH=$PATH:/usr/sbin PYTHONPATH=$peers python3 -m bench "$@"
