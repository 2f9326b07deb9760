#!/usr/bin/env bash
# The C boundary and what reads strangers' bytes, interpreted by Miri, which finds undefined
# behaviour. Needs a nightly toolchain: rustup component add miri rust-src --toolchain nightly
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cargo +nightly miri --version || complain "there is no Miri: see the head of this script"
# It has no fork to watch and no network, so only tests that need neither are run. Time is its own.
export MIRIFLAGS='-Zmiri-disable-isolation'
cargo +nightly miri test --locked --target-dir "$TARGET_DIR/miri" --test boundary
cargo +nightly miri test --locked --target-dir "$TARGET_DIR/miri" --lib -- \
    ffi::guard answer::content answer::json::pointer answer::json::values auth::basic request::path \
    wait::cancel log::matching
