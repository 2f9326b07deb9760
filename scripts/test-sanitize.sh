#!/usr/bin/env bash
# The C tests and a short soak on a library that is built with AddressSanitizer (leaks included;
# the C side under UBSan, too), and those that have to do with threads on one built with
# ThreadSanitizer, Rust's standard library included. Of each checker, valgrind among them, it is
# shown first that it reports what it is there for.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=build/sanitize
host=$(rustc -vV | sed -n 's/^host: //p')
sysroot=$(rustc --print sysroot)
declare -A runtime=(
    [address]=$(echo "$sysroot/lib/rustlib/$host/lib"/librustc*_rt.asan.a)
    [thread]=$(echo "$sysroot/lib/rustlib/$host/lib"/librustc*_rt.tsan.a)
)
soak_seconds=${SANITIZED_SOAK_SECONDS:-3}
# Reports have to be failures, and to name functions.
export ASAN_OPTIONS=detect_leaks=1:exitcode=99 TSAN_OPTIONS=exitcode=99:halt_on_error=0
export UBSAN_OPTIONS=halt_on_error=1:exitcode=99:print_stacktrace=1

# What a check says is kept, and shown where it fails.
check() {
    check_quietly "$folder/check.log" "$@"
}

# build_library KIND FLAGS…: the switches are for nightly compilers; a stable one obeys them where
# it is told to. Dependencies unoptimised, which saves more time here than it costs.
build_library() {
    local kind=$1
    shift
    RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=$kind" cargo "$@" rustc --locked --lib \
        --crate-type staticlib --target "$host" --target-dir "$TARGET_DIR/sanitize" \
        --config 'profile.dev.package."*".opt-level=0'
    cp "$TARGET_DIR/sanitize/$host/debug/libsac.a" "$folder/libsac-$kind.a"
}

# compile KIND PROGRAM SOURCES…: with Rust's runtime, which is the newer one: it knows what clang's
# does not, and goes through a fork of many threads.
compile() {
    local kind=$1 program=$2 source objects=() flags
    flags=(-std=c11 -g "${WARNINGS[@]}" -Iinclude "-fsanitize=$kind")
    shift 2
    if [[ $kind == address ]]; then
        flags+=(-fsanitize=undefined -fno-sanitize-recover=all)
    fi
    for source in "$@"; do
        objects+=("$program-$(basename "$source" .c).o")
        clang "${flags[@]}" -c "$source" -o "${objects[-1]}" || return
    done
    cc "${objects[@]}" "$folder/libsac-$kind.a" -Wl,--whole-archive "${runtime[$kind]}" \
        -Wl,--no-whole-archive -Wl,--export-dynamic "${STATIC_LIBS[@]}" -lrt -o "$program"
}

# reports WHAT COMMAND…: it fails, and says so.
reports() {
    local what=$1 log=$folder/report.log status=0
    shift
    "$@" >"$log" 2>&1 || status=$?
    cat "$log"
    ((status == 99)) && grep -qE "$what" "$log"
}

# run_test KIND SOURCE
run_test() {
    local program status=0
    program=$folder/$(basename "$2" .c)-$1
    compile "$1" "$program" "$2" || return
    start_demo_server || return
    timeout 300 "$program" "$DEMO_URL" || status=$?
    stop_demo_server
    return "$status"
}

run_soak() {
    compile "$1" "$folder/soak-$1" tests/soak/*.c && timeout 300 "$folder/soak-$1" "$soak_seconds"
    local status=$?
    grep '^soak: ' "$folder/check.log" >&3 || true
    return "$status"
}

test_address() {
    local source
    build_library address
    check 'faults compile' compile address "$folder/fault-address" tests/sanitize/fault.c
    check 'AddressSanitizer reports a use after free' \
        reports 'heap-use-after-free' "$folder/fault-address" use-after-free
    check 'AddressSanitizer reports a leak' \
        reports 'LeakSanitizer: detected memory leaks' "$folder/fault-address" leak
    check 'UBSan reports an overflow' \
        reports 'signed integer overflow' "$folder/fault-address" overflow
    for source in tests/c/*.c; do
        check "$source, AddressSanitizer and UBSan" run_test address "$source"
    done
    check 'soak, AddressSanitizer' run_soak address
}

test_thread() {
    local source
    build_library thread -Zbuild-std=std,panic_unwind
    check 'faults compile' compile thread "$folder/fault-thread" tests/sanitize/fault.c
    check 'ThreadSanitizer reports a race' \
        reports 'data race' "$folder/fault-thread" race
    for source in tests/c/{threads,cancel,fork,scope,retries}.c; do
        check "$source, ThreadSanitizer" run_test thread "$source"
    done
    check 'soak, ThreadSanitizer' run_soak thread
}

test_valgrind() {
    cc -std=c11 -g "${WARNINGS[@]}" -Iinclude tests/sanitize/fault.c -o "$folder/fault-plain" \
        -Lbuild/lib -lsac "-Wl,-rpath,$PWD/build/lib" -lpthread
    local valgrind=(valgrind --quiet --error-exitcode=99 --leak-check=full "$folder/fault-plain")
    check 'valgrind reports a use after free' reports 'Invalid read' "${valgrind[@]}" use-after-free
    check 'valgrind reports a leak' reports 'definitely lost' "${valgrind[@]}" leak
}

scripts/build.sh debug build/lib
need_header
mkdir -p "$folder"
exec 3>&1
test_valgrind
test_address
if [[ -d $sysroot/lib/rustlib/src/rust/library ]]; then
    test_thread
else
    printf 'not run: ThreadSanitizer, which needs the sources of the standard library (rustup component add rust-src)\n'
fi

total
