#!/usr/bin/env bash
# Runs tests/interop/run with a Python of its own in build/venv, which has the packages of
# tests/interop/requirements.txt. The program finds that Python in $PYTHON.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

requirements=tests/interop/requirements.txt
venv=build/venv

# Installs only where the list has changed since.
prepare_venv() {
    [[ -x $venv/bin/python ]] || python3 -m venv "$venv"
    if [[ -f $requirements ]] && ! cmp -s "$requirements" "$venv/installed.txt"; then
        "$venv/bin/python" -m pip install -q -r "$requirements"
        cp "$requirements" "$venv/installed.txt"
    fi
}

[[ -x tests/interop/run ]] || complain "there is no tests/interop/run"
prepare_venv
scripts/build.sh debug build/lib
PYTHON=$PWD/$venv/bin/python exec tests/interop/run
