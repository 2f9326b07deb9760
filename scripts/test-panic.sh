#!/usr/bin/env bash
# A panic does not cross the C boundary of a shared library, and prints nothing: shown on one that
# is built like the shipped one, but for a method that panics; linked by cc, and for old systems,
# where the unwinder is another one.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source scripts/zig.sh

folder=build/panic

# contained FOLDER: three panics of the library there are answered.
contained() {
    LD_LIBRARY_PATH=$1 "$folder/probe" 2>"$folder/stderr" ||
        complain "the panic was not contained by the library in $1"
    [[ ! -s $folder/stderr ]] || complain "the panic printed: $(<"$folder/stderr")"
    printf '%s: three panics, three answers, nothing printed\n' "$1"
}

cargo build --locked --features panic-probe
scripts/link.sh debug "$TARGET_DIR/debug/libsac.a" "$folder"
if need_zig; then
    scripts/link.sh debug "$TARGET_DIR/debug/libsac.a" "$folder/old" "${OLD_CC[@]}"
fi
# The build without the probe takes its place again, for whoever looks there next.
scripts/build.sh debug build/lib

cc -std=c99 "${WARNINGS[@]}" -Iinclude tests/panic/probe.c -o "$folder/probe" -L"$folder" -lsac
contained "$folder"
if [[ -d $folder/old ]]; then
    contained "$folder/old"
else
    printf 'zig is not to be had: nothing was tried on a library for old systems\n'
fi
