#!/usr/bin/env bash
# The C boundary and what reads strangers' bytes, interpreted by Miri, which finds undefined
# behaviour. Needs a nightly toolchain: rustup component add miri rust-src --toolchain nightly
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cargo +nightly miri --version || complain "there is no Miri: see the head of this script"
# There is no network in it. The guard of the boundary forgets the payload of a panic, on purpose.
export MIRIFLAGS='-Zmiri-disable-isolation'
cargo +nightly miri test --locked --target-dir "$TARGET_DIR/miri" --test boundary
cargo +nightly miri test --locked --target-dir "$TARGET_DIR/miri" --lib -- \
    answer::content answer::json::pointer answer::json::values auth::basic request::path \
    wait::cancel log::matching
