# shellcheck shell=bash
# Gets zig from PyPI into a folder of the build; sourced behind common.sh. It brings the symbols of
# every version of glibc, so that a link can ask for old ones.

# The oldest glibc that what is handed out is to run with: CentOS 7's, and what Rust itself asks for.
OLD_GLIBC=2.17

# Sets OLD_CC, the compiler that links for that glibc, and ZIG; fails where zig is not to be had.
need_zig() {
    local venv=$PWD/build/zig
    export ZIG_GLOBAL_CACHE_DIR=$venv/cache ZIG_LOCAL_CACHE_DIR=$venv/cache
    ZIG=("$venv/bin/python" -m ziglang)
    # shellcheck disable=SC2034  # Used where this is sourced.
    OLD_CC=("${ZIG[@]}" cc -target "$(uname -m)-linux-gnu.$OLD_GLIBC" -lunwind)
    if ! "${ZIG[@]}" version >/dev/null 2>&1; then
        python3 -m venv "$venv" &&
            "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r packaging/requirements.txt &&
            "${ZIG[@]}" version >/dev/null
    fi
}
