#!/usr/bin/env bash
# A panic does not cross the C boundary of a shared library, and prints nothing: shown on one that
# is built like the shipped one, but for a method that panics.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=build/panic
cargo build --locked --features panic-probe
scripts/link.sh debug "$TARGET_DIR/debug/libsac.a" "$folder"
# The build without the probe takes its place again, for whoever looks there next.
scripts/build.sh debug build/lib

cc -std=c99 "${WARNINGS[@]}" -Iinclude tests/panic/probe.c -o "$folder/probe" -L"$folder" -lsac
LD_LIBRARY_PATH=$folder "$folder/probe" 2>"$folder/stderr" || complain "the panic was not contained"
if [[ -s $folder/stderr ]]; then
    complain "the panic printed: $(<"$folder/stderr")"
fi
printf 'three panics, three answers, nothing printed\n'
