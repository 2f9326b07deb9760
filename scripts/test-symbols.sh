#!/usr/bin/env bash
# The dynamic symbols of the shared library are the functions of the header, no more and no less;
# and the loader's marks are set.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

library=build/lib/libsac.so

# A function's name stands right before a parenthesis; that of a callback type behind `(*`.
list_declared() {
    cc -E -P "$HEADER" | grep -oE '\bsac_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u
}

# A version that symbols carry is itself listed, as an absolute symbol.
list_exported() {
    nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u
}

# Fails, and shows the lines, where there are any.
expect_none() {
    local what=$1 lines
    lines=$(cat)
    if [[ -n $lines ]]; then
        printf '%s:\n%s\n' "$what" "$lines" >&2
        faults=$((faults + 1))
    fi
}

# Looks for a mark in the dynamic section.
expect_mark() {
    local what=$1 pattern=$2
    if ! readelf -dW "$library" | grep -qE "$pattern"; then
        printf 'the dynamic section has no %s\n' "$what" >&2
        faults=$((faults + 1))
    fi
}

scripts/build.sh debug build/lib
need_header
faults=0
declared=$(list_declared)
exported=$(list_exported)
[[ -n $declared ]] || complain "$HEADER declares no function"
expect_none 'declared, but not exported' \
    < <(comm -23 <(printf '%s\n' "$declared") <(printf '%s\n' "$exported"))
expect_none 'exported, but not declared' \
    < <(comm -13 <(printf '%s\n' "$declared") <(printf '%s\n' "$exported"))
expect_none 'exported, but not named sac_…' < <(grep -v '^sac_' <<<"$exported")
expect_mark 'SONAME libsac.so.0' '\(SONAME\).*\[libsac\.so\.0\]'
expect_mark 'flag NODELETE' '\(FLAGS_1\).*\bNODELETE\b'
((faults == 0)) || complain "$library is not what it should be ($faults faults)"
printf '%d functions, all declared and exported\n' "$(wc -l <<<"$exported")"
