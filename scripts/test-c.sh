#!/usr/bin/env bash
# Usage: scripts/test-c.sh [NAME…]
# The header on its own, as C and as C++; then every tests/c/*.c, or those named, once with the shared
# and once with the static library, and a program that calls every function of the header with what
# no caller should give it; all under valgrind, and each against a demo server of its own.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The commas are valgrind's.
# shellcheck disable=SC2054
VALGRIND=(
    valgrind --quiet --fair-sched=yes --error-exitcode=99 --leak-check=full
    --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible
    --suppressions=tests/c/valgrind.supp
)

# And these are the linker's.
# shellcheck disable=SC2054
SHARED_LIBS=(-Lbuild/lib -lsac -Wl,-rpath,"$PWD/build/lib")

# compile_header COMPILER LANGUAGE STANDARD
compile_header() {
    "$1" -x "$2" -std="$3" "${WARNINGS[@]}" -Iinclude -fsyntax-only - <<<'#include "sac.h"'
}

check_header() {
    local compiler
    for compiler in gcc clang; do
        if command -v "$compiler" >/dev/null; then
            check_line "$HEADER as C99, $compiler" compile_header "$compiler" c c99
        fi
    done
    check_line "$HEADER as C++11, g++" compile_header g++ c++ c++11
}

# compile SOURCE PROGRAM LIBRARIES…
compile() {
    local source=$1 program=$2
    shift 2
    cc -std=c99 -g "${WARNINGS[@]}" -Iinclude -Itests/c "$source" -o "$program" "$@" -lpthread
}

# A test that hangs is one that fails. A test may have suppressions of its own beside it.
run() {
    local program=$1 own_suppressions=${2%.c}.supp status=0
    local command=(timeout 600 "${VALGRIND[@]}")
    if [[ -f $own_suppressions ]]; then
        command+=("--suppressions=$own_suppressions")
    fi
    start_demo_server || return
    "${command[@]}" "$program" "$DEMO_URL" || status=$?
    stop_demo_server
    return "$status"
}

check_program() {
    local source=$1 kind=$2 program
    shift 2
    program=build/tests/$(basename "$source" .c)-$kind
    compile "$source" "$program" "$@" && run "$program" "$source"
}

scripts/build.sh debug build/lib
need_header
mkdir -p build/tests
check_header
sources=(tests/c/*.c)
if (($#)); then
    sources=("${@/%/.c}")
    sources=("${sources[@]/#/tests/c/}")
fi
for source in "${sources[@]}"; do
    check_line "$source, shared" check_program "$source" shared "${SHARED_LIBS[@]}"
    check_line "$source, static" check_program "$source" static build/lib/libsac.a "${STATIC_LIBS[@]}"
done

surface=build/tests/surface.c
check_line "tests/c/surface.py" tests/c/surface.py "$HEADER" "$surface"
check_line "every function of $HEADER" check_program "$surface" shared "${SHARED_LIBS[@]}"

total
