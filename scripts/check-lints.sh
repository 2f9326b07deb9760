#!/usr/bin/env bash
# The rules that Cargo.toml sets hold in all of the library: unsafe code in the C boundary alone,
# nothing that can panic, and no exception made for either but in tests.
# shellcheck disable=SC2016  # Of awk and of Markdown.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The lints that Cargo.toml denies, as an expression: unwrap_used|expect_used|…
denied=$(sed -n '/^\[lints.clippy\]/,/^\[/ s/^\([a-z_]*\) = "deny"$/\1/p' Cargo.toml | paste -sd'|')
for lint in unwrap_used expect_used panic indexing_slicing arithmetic_side_effects; do
    [[ "|$denied|" == *"|$lint|"* ]] || complain "Cargo.toml does not deny $lint"
done

# Sources without what is compiled for tests only: files of tests, and the item behind the mark.
outside_tests() {
    find src -name '*.rs' ! -name 'tests.rs' ! -name '*_tests.rs' ! -path '*/tests/*' -print0 |
        sort -z | xargs -0 awk '
            FNR == 1 { within = 0 }
            /^#\[cfg\(test\)\]$/ { within = 1; next }
            within { if (/^}/ || (/;$/ && !/^ /)) within = 0; next }
            { print FILENAME ":" FNR ": " $0 }'
}

faults=0
# refuse WHAT PATTERN [EXCEPT]: no line but those that match EXCEPT matches PATTERN.
refuse() {
    local found
    found=$(outside_tests | grep -E "$2" | grep -vE "${3:-^$}") || return 0
    printf '%s:\n%s\n' "$1" "$found" >&2
    faults=$((faults + 1))
}

refuse "a lint that is denied is allowed away" \
    "(allow|expect|warn)\(.*clippy::($denied)" '^src/lib.rs:[0-9]+: #!\[cfg_attr\(test, '
refuse "unsafe code outside of the C boundary" '\bunsafe\b' '^src/ffi/|(deny|forbid)\(unsafe_code\)|: *//|`unsafe`'
refuse "unsafe code is allowed outside of the C boundary" 'allow\(unsafe_code\)' '^src/lib.rs:'
if (($(grep -c 'allow(unsafe_code)' src/lib.rs) != 1)) ||
    ! grep -A1 'allow(unsafe_code)' src/lib.rs | grep -qx 'pub mod ffi;'; then
    complain "src/lib.rs allows unsafe code in more than ffi"
fi
((faults == 0))
printf 'unsafe code in src/ffi alone; %d lints denied, and none allowed away\n' \
    "$(tr '|' '\n' <<<"$denied" | wc -l)"
