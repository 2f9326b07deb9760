#!/usr/bin/env bash
# Runs every check as a make target of its own, all of them even where one fails, and counts.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

targets=(check-interface check-header fmt check-lints clippy test-deps test-rust test-symbols test-abi test-c test-panic)
targets+=(test-system conformance)
if [[ -x tests/interop/run ]]; then
    targets+=(test-interop)
fi

targets+=(test-cpp test-go test-ruby test-docs test-guide test-sanitize test-soak test-install)

heading "tools"
scripts/tools.sh test

for target in "${targets[@]}"; do
    check "$target" make --no-print-directory "$target"
done
report
