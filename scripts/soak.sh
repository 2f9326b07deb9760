#!/usr/bin/env bash
# Usage: scripts/soak.sh [SECONDS [PROOF_SECONDS]]
# Wears one client out for so long, through the built shared library, and says with figures that
# nothing was lost, mixed up or left behind. With PROOF_SECONDS, shows first that it would notice.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=build/soak
seconds=${1:-${SOAK_SECONDS:-180}}

scripts/build.sh debug build/lib
need_header
mkdir -p "$folder"
cc -std=c11 -O1 -g "${WARNINGS[@]}" -Iinclude tests/soak/*.c -o "$folder/soak" \
    -Lbuild/lib -lsac "-Wl,-rpath,$PWD/build/lib" -lpthread

if (($# > 1)); then
    # What goes wrong on purpose, and what has to be said of it.
    declare -A noticed=(
        [wrong-id]="somebody else's answer"
        [memory]='memory is left'
        [descriptor]='descriptors were'
        [thread]='threads were'
    )
    notices() {
        ! "$folder/soak" "$1" "$2" >"$folder/$2.log" 2>&1 && grep -q "${noticed[$2]}" "$folder/$2.log"
    }
    for fault in "${!noticed[@]}"; do
        # On a busy machine there may be too few requests in that time for a slow leak to show.
        if ! notices "$2" "$fault" && ! notices $(($2 * 8)) "$fault"; then
            cat "$folder/$fault.log"
            complain "the soak does not notice: $fault"
        fi
        printf 'noticed: %s\n' "$fault"
    done
fi
exec "$folder/soak" "$seconds"
