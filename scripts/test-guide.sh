#!/usr/bin/env bash
# Usage: scripts/test-guide.sh [PAGE…]
# Every program of the guide and of the README is compiled and run, and prints what they say.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/build.sh debug build/lib
source scripts/go-env.sh
pages=("$@")
(($#)) || pages=(README.md docs/guide/*.md)
exec python3 -B tests/guide/run "${pages[@]}"
