#!/usr/bin/env bash
# Usage: scripts/fuzz.sh [TARGET…]
# Fuzzes each target, or those named, for FUZZ_SECONDS: led by coverage (libFuzzer), and under
# AddressSanitizer. What is new goes to build/fuzz/corpus, and is where the next run goes on; an
# input that breaks a promise goes to build/fuzz/found.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${FUZZ_SECONDS:-300}
host=$(rustc -vV | sed -n 's/^host: //p')
built=fuzz/target/$host/release
folder=$PWD/build/fuzz
targets=("$@")
if (($# == 0)); then
    mapfile -t targets < <(basename -s .rs fuzz/fuzz_targets/*.rs)
fi

# Instrumented as cargo-fuzz does it. The sanitizer is behind a switch for nightly compilers, which
# a stable one obeys where it is told to.
flags=(--cfg fuzzing -Zsanitizer=address -Cpasses=sancov-module)
for option in level=4 inline-8bit-counters pc-table trace-compares; do
    flags+=("-Cllvm-args=-sanitizer-coverage-$option")
done
# The library's dependencies in the versions that it is built with.
cp Cargo.lock fuzz/Cargo.lock
(cd fuzz && RUSTC_BOOTSTRAP=1 RUSTFLAGS="${flags[*]}" cargo build --release --target "$host")

failed=()
summary=()
for target in "${targets[@]}"; do
    heading "$target"
    mkdir -p "$folder/corpus/$target" "$folder/found"
    if "$built/$target" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$folder/found/$target-" \
        "$folder/corpus/$target" "fuzz/corpus/$target" >"$folder/$target.log" 2>&1; then
        end=kept
    else
        end=BROKEN
        failed+=("$target")
        grep -a -A 8 -E 'panicked at|ERROR: ' "$folder/$target.log" || tail -n 20 "$folder/$target.log"
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$target.log")
    covered=$(grep -ao 'cov: [0-9]*' "$folder/$target.log" | tail -n 1)
    summary+=("$(printf '%-14s %12s runs, %6s edges, promise %s' "$target" "${runs:-?}" "${covered#cov: }" "$end")")
    printf '%s\n' "${summary[-1]}"
done

heading "fuzzed for $seconds s each"
printf '%s\n' "${summary[@]}"
((${#failed[@]} == 0))
