#!/usr/bin/env bash
# Usage: scripts/build.sh debug|release FOLDER
# Builds the library, and links it into FOLDER under the names that linker and loader look for.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The static library alone: beside an rlib, cargo would leave LTO out. What rustc says has to be
# linked with it is what the project tells its users, but for what every compiler adds unasked.
build_release() {
    local needed missing
    needed=$(cargo rustc --locked --release --lib --crate-type staticlib --color never \
        -- --print native-static-libs \
        2> >(sed -n -e 'w /dev/stderr' -e 's/^note: native-static-libs: //p'))
    missing=$(comm -23 <(tr ' ' '\n' <<<"$needed" | sort -u) \
        <(printf '%s\n' -lgcc_s -lc "${STATIC_LIBS[@]}" | sort -u))
    [[ -n $needed && -z $missing ]] ||
        complain "STATIC_LIBS in scripts/common.sh lacks '$missing' of what rustc names, '$needed'"
    mkdir -p "$folder"
    [[ $folder/$LICENCES -nt Cargo.lock ]] || scripts/licences.sh >"$folder/$LICENCES"
    scripts/sbom.py libgcc "$(gcc -dumpfullversion)" 'GPL-3.0-or-later WITH GCC-exception-3.1' >"$folder/$SBOM"
}

profile=$1
folder=$2
case $profile in
    # All of the workspace at once: the same features everywhere, so nothing is built twice.
    debug)
        cargo build --locked --workspace
        # What Ruby knows of the functions follows from the header.
        ! command -v ruby >/dev/null || bindings/ruby/tool/generate
        ;;
    release) build_release ;;
    *) complain "usage: scripts/build.sh debug|release FOLDER" ;;
esac
scripts/link.sh "$profile" "$TARGET_DIR/$profile/libsac.a" "$folder"
