#!/usr/bin/env bash
# Usage: scripts/build.sh debug|release FOLDER
# Builds the library, and links it into FOLDER under the names that linker and loader look for.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

profile=$1
folder=$2
case $profile in
    # All of the workspace at once: the same features everywhere, so nothing is built twice.
    debug) cargo build --locked --workspace ;;
    release) cargo build --locked --release ;;
    *) complain "usage: scripts/build.sh debug|release FOLDER" ;;
esac

built=$(realpath "$TARGET_DIR/$profile")
mkdir -p "$folder"
ln -sfn "$built/libsac.so" "$folder/libsac.so"
ln -sfn "$built/libsac.so" "$folder/libsac.so.0"
ln -sfn "$built/libsac.a" "$folder/libsac.a"
