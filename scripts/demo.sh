#!/usr/bin/env bash
# Builds all, and runs every example against a demo server of its own.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Compiles one example as a user would.
compile() {
    local compiler=(cc -std=c99)
    if [[ $1 == *.cpp ]]; then
        compiler=(g++ -std=c++20 -pthread)
    fi
    "${compiler[@]}" "${WARNINGS[@]}" -Iinclude "$1" -o "$2" \
        -Lbuild/lib -lsac -Wl,-rpath,"$PWD/build/lib"
}

run() {
    local source=$1 program
    program=build/examples/$(basename "$(dirname "$source")")-$(basename "${source%.*}")
    heading "$source"
    compile "$source" "$program" && "$program" "$DEMO_URL"
}

run_go() {
    local program=build/examples/go-$1
    heading "examples/go/$1"
    (cd examples/go && go build -o "../../$program" "./$1") && "$program" "$DEMO_URL"
}

run_ruby() {
    heading "$1"
    SAC_LIBRARY=$PWD/build/lib/libsac.so.0 ruby -Ibindings/ruby/lib "$1" "$DEMO_URL"
}

scripts/tools.sh demo
scripts/build.sh debug build/lib
need_header
source scripts/go-env.sh

mkdir -p build/examples
start_demo_server
printf 'The demo server listens at %s\n' "$DEMO_URL"
failed=()
for source in examples/c/*.c examples/cpp/*.cpp; do
    run "$source" || failed+=("$source")
done
if command -v go >/dev/null && command -v pkg-config >/dev/null; then
    for folder in examples/go/*/; do
        run_go "$(basename "$folder")" || failed+=("$folder")
    done
fi
if ruby -rffi -rrack -e exit 2>/dev/null; then
    for source in examples/ruby/*.rb; do
        run_ruby "$source" || failed+=("$source")
    done
fi
stop_demo_server

if ((${#failed[@]})); then
    complain "failed: ${failed[*]}"
fi
heading "all examples ran"
