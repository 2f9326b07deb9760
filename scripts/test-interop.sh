#!/usr/bin/env bash
# The library against today's Flask, Werkzeug, itsdangerous and cookie-manager. The programs make
# themselves a Python environment in build/venv.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[[ -x tests/interop/run ]] || complain "there is no tests/interop/run"
scripts/build.sh debug build/lib
SAC_LIB_DIR=build/lib exec tests/interop/run
