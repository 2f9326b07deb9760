#!/usr/bin/env bash
# Usage: scripts/order.sh
# Finds anew what a process runs of the library for its first call, plain and over TLS, and writes it to
# packaging/first-call. Worth it where much has been moved or renamed: what is no longer in the list
# works all the same, and only takes longer to be loaded.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

peers=benches/peers
folder=build/bench
c=(cc -std=c99 -O2 "${WARNINGS[@]}")

scripts/tools.sh bench
heading "building"
scripts/build.sh release build/release
need_header
mkdir -p "$folder"
# With the names of its functions.
scripts/link.sh debug "$TARGET_DIR/release/libsac.a" build/order
"${c[@]}" "$peers/c/server.c" -o "$folder/server" -pthread
"${c[@]}" "$peers/c/sac.c" "$peers/c/peer.c" -Iinclude -o "$folder/order" -pthread \
    -Lbuild/order -lsac "-Wl,-rpath,$PWD/build/order"

heading "calling"
PATH=$PATH:/usr/sbin PYTHONPATH=$peers python3 -m bench.order order "$FIRST_CALL"
wc -l "$FIRST_CALL"
