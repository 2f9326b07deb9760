#!/usr/bin/env bash
# Usage: scripts/check-hardening.sh LIBRARY
# What the kernel and the loader protect of a shared library, shown; fails where something is missing
# that can be had.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

library=$1
headers=$(readelf -lW "$library")
dynamic=$(readelf -dW "$library")
notes=$(readelf -nW "$library")
faults=0

# expect WHAT TEXT PATTERN, refuse WHAT TEXT PATTERN: a line of the text matches, or none does.
expect() {
    if grep -qE "$3" <<<"$2"; then
        printf '  yes  %s\n' "$1"
    else
        printf '  NO   %s\n' "$1"
        faults=$((faults + 1))
    fi
}

refuse() {
    if grep -qE "$3" <<<"$2"; then
        printf '  NO   %s\n' "$1"
        faults=$((faults + 1))
    else
        printf '  yes  %s\n' "$1"
    fi
}

expect '-z relro: tables of the loader are read-only once it is done' "$headers" '^ *GNU_RELRO'
expect '-z now: all symbols are found at once, so that they can be' "$dynamic" '\(FLAGS(_1)?\).*\b(BIND_)?NOW\b'
expect '-z noexecstack: the stack holds no code' "$headers" '^ *GNU_STACK .* RW +0'
refuse 'nothing can be written and run' "$headers" '^ *LOAD .* RWE'
refuse '-z separate-code: code is apart from the headers of the file' "$headers" '^ *LOAD +0x0+ .* R E'
refuse 'no code is changed while it is loaded (TEXTREL)' "$dynamic" 'TEXTREL'
refuse 'no folder of its own to load libraries from (RPATH, RUNPATH)' "$dynamic" '\((RPATH|RUNPATH)\)'

# The linker sets these where each object has them. The stable compiler makes none (its switch is
# -Z cf-protection), and neither has its standard library any: forcing the notes would be a lie that ends
# in a crash. What is there is told.
for feature in IBT SHSTK; do
    if grep -qE "x86 feature:.*\b$feature\b" <<<"$notes"; then
        printf '  yes  CET: %s\n' "$feature"
    else
        printf '  none CET: %s, which the stable Rust compiler cannot make\n' "$feature"
    fi
done
((faults == 0)) || complain "$library lacks what can be had ($faults faults)"
