#!/usr/bin/env bash
# Usage: scripts/abi.sh check|accept [HEADER [LIBRARY]]
# Holds the interface against what was promised (docs/abi.md): the functions and versions that LIBRARY
# (build/lib/libsac.so) exports against packaging/debian/libsac0.symbols, the types in HEADER
# (include/sac.h) against tests/abi/libsac.abi, its constants against tests/abi/constants. `check` fails
# on any difference; `accept` takes additions in, and with REVIEWED=1 whatever there is.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

symbols=packaging/debian/libsac0.symbols
types=tests/abi/libsac.abi
constants=tests/abi/constants

command=${1:-}
header=$(realpath "${2:-$HEADER}")
library=${3:-build/lib/libsac.so}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

# NAME@VERSION of each function that is exported, resp. promised.
list_exported() {
    nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@@/, "@", $3); print $3 }' | LC_ALL=C sort
}

list_promised() {
    sed -n 's/^ \([^ ]*\) .*/\1/p' "$symbols" | LC_ALL=C sort
}

list_constants() {
    sed -nE '/^#define SAC_VERSION_/d; s/^#define (SAC_[A-Z0-9_]+) (.+)$/\1 \2/p' "$header"
}

# The interface as a C compiler sees it: every function of the header, with a body. What Rust's own
# debug information says of the types would change with every compiler.
describe_types() {
    {
        printf '#include "sac.h"\n'
        cc -E -P "$header" | tr '\n' ' ' | sed 's/[;{}]/&\n/g' |
            sed -nE '/^ *typedef/d; s/^ *([^;{}]*\bsac_[a-z0-9_]+\(.*\));$/\1 { __builtin_trap(); }/p'
    } >"$work/interface.c"
    cp "$header" "$work/sac.h"
    (cd "$work" && cc -g -fPIC -shared -ffile-prefix-map="$work"=. "-Wl,-soname,$SONAME" \
        "-Wl,--version-script=$OLDPWD/packaging/libsac.map" interface.c -o interface.so)
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs --out-file "$work/types.abi" "$work/interface.so"
}

# fault WHAT: what comes in is shown as a difference to what was promised.
fault() {
    printf '%s:\n%s\n' "$1" "$(cat)" >&2
    faults=$((faults + 1))
}

check_lists() {
    local difference
    difference=$(diff <(list_promised) <(list_exported)) ||
        fault "$library does not export what $symbols promises" <<<"$difference"
    difference=$(diff "$constants" <(list_constants)) ||
        fault "the constants are not those of $constants" <<<"$difference"
}

check_types() {
    local report
    report=$(abidiff "$types" "$work/types.abi") ||
        fault "the types are not those of $types" <<<"$report"
}

check_all() {
    check_lists
    check_types
    ((faults == 0)) || complain 'the C interface is not what was promised. Where docs/abi.md allows the change: make accept-abi'
    printf '%d functions and %d constants are what was promised\n' \
        "$(list_promised | wc -l)" "$(wc -l <"$constants")"
}

# Nothing that was promised is lost or changed. The order of constants is nobody's business.
refuse_breaks() {
    local report
    report=$(comm -23 <(list_promised) <(list_exported)) || true
    [[ -z $report ]] || fault 'no longer exported' <<<"$report"
    report=$(comm -23 <(sort "$constants") <(list_constants | sort)) || true
    [[ -z $report ]] || fault 'constants that are gone, or have another value' <<<"$report"
    report=$(abidiff --no-added-syms "$types" "$work/types.abi") || fault 'types that have changed' <<<"$report"
    ((faults == 0)) || complain 'more than additions. Read docs/abi.md; with REVIEWED=1 it is taken as it is'
}

accept() {
    [[ -n ${REVIEWED:-} ]] || refuse_breaks
    {
        head -n1 "$symbols"
        # A function keeps the version of the library that first had it.
        list_exported | while read -r name; do
            grep "^ $name " "$symbols" || printf ' %s %s\n' "$name" "$VERSION"
        done
    } >"$work/symbols"
    cp "$work/symbols" "$symbols"
    list_constants >"$constants"
    cp "$work/types.abi" "$types"
    git --no-pager diff --stat -- "$symbols" "$constants" "$types" 2>/dev/null || true
}

describe_types
case $command in
    check) check_all ;;
    accept) accept ;;
    *) complain "usage: scripts/abi.sh check|accept [HEADER [LIBRARY]]" ;;
esac
