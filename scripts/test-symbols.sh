#!/usr/bin/env bash
# The dynamic symbols of the shared library are the functions of the header, no more and no less,
# each under its version; the loader's marks are set, and what protects the library is shown.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

library=build/lib/libsac.so

# NAME@@VERSION. A version is itself listed, as an absolute symbol.
list_exported() {
    nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sort -u
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
versioned=$(list_exported)
exported=${versioned//@@SAC_0/}
[[ -n $declared ]] || complain "$HEADER declares no function"
expect_none 'declared, but not exported' \
    < <(comm -23 <(printf '%s\n' "$declared") <(printf '%s\n' "$exported"))
expect_none 'exported, but not declared' \
    < <(comm -13 <(printf '%s\n' "$declared") <(printf '%s\n' "$exported"))
expect_none 'exported, but not named sac_…' < <(grep -v '^sac_' <<<"$exported")
expect_none 'exported, but not in version SAC_0' < <(grep -v '@@SAC_0$' <<<"$versioned")
expect_mark 'SONAME libsac.so.0' '\(SONAME\).*\[libsac\.so\.0\]'
expect_mark 'flag NODELETE' '\(FLAGS_1\).*\bNODELETE\b'
((faults == 0)) || complain "$library is not what it should be ($faults faults)"
scripts/check-hardening.sh "$library"
printf '%d functions, all declared and exported\n' "$(wc -l <<<"$exported")"
