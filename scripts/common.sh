# shellcheck shell=bash
# What the scripts share; sourced, never run. Moves to the top of the project.
# shellcheck disable=SC2034,SC2153  # Used where this is sourced; SERVER_PID is set by coproc.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

HEADER=include/sac.h
WARNINGS=(-Wall -Wextra -Wpedantic -Werror)
TARGET_DIR=${CARGO_TARGET_DIR:-target}
VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n1)
# Its number changes with an incompatible change of the C interface, and only then: docs/abi.md.
SONAME=libsac.so.0
# What a program linked with libsac.a needs besides, as far as its compiler does not add it unasked;
# scripts/build.sh holds it against what rustc says.
STATIC_LIBS=(-lutil -lrt -lpthread -lm -ldl)
# What a process runs of the library for its first call: a list, made by scripts/order.sh.
FIRST_CALL=packaging/first-call
# The licences of what is compiled into a release, a file beside it.
LICENCES=LICENSES-DEPENDENCIES
# And what it is made of, as a CycloneDX bill of materials.
SBOM=libsac.cdx.json
RULE=------------------------------------------------------------------------

heading() {
    printf '\n== %s ==\n' "$*"
}

# Says what is wrong on stderr, and fails.
complain() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    return 1
}

passed=0
failed=()

# count NAME STATUS: notes what came of a check.
count() {
    if (($2 == 0)); then
        passed=$((passed + 1))
    else
        failed+=("$1")
    fi
}

# tell NAME STATUS: the same, and says so on a line.
tell() {
    count "$@"
    if (($2 == 0)); then
        printf 'ok     %s\n' "$1"
    else
        printf 'FAILED %s (status %d)\n' "$1" "$2"
    fi
}

# check NAME COMMAND…: runs it under a heading, and counts.
check() {
    local name=$1 status=0
    shift
    heading "$name"
    "$@" || status=$?
    count "$name" "$status"
}

# check_line NAME COMMAND…: runs it, and tells what came of it.
check_line() {
    local name=$1 status=0
    shift
    "$@" || status=$?
    tell "$name" "$status"
}

# check_quietly LOG NAME COMMAND…: the same, but that what it says goes to a file, and is shown where
# it fails.
check_quietly() {
    local log=$1 name=$2 status=0
    shift 2
    "$@" >"$log" 2>&1 || status=$?
    tell "$name" "$status"
    ((status == 0)) || head -n 80 "$log"
}

# Says how many checks there were; fails where one did.
total() {
    printf '%d passed, %d failed\n' "$passed" "${#failed[@]}"
    ((${#failed[@]} == 0))
}

# The same under a heading, with the names of those that failed.
report() {
    local name
    heading "result"
    for name in "${failed[@]}"; do
        printf 'failed: %s\n' "$name"
    done
    total
}

# The header is made by the library's build.
need_header() {
    [[ -f $HEADER ]] || complain "$HEADER is missing: the build has not generated it"
}

# The functions of the interface. A function's name stands right before a parenthesis; that of a
# callback type behind `(*`.
list_declared() {
    cc -E -P "$HEADER" | grep -oE '\bsac_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u
}

# The versions of glibc's symbols that a library needs, the oldest first.
list_glibc() {
    objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV
}

# Starts a server of one's own: the name of a program of this workspace, and what it is told
# besides its port. Sets SERVER_URL; stop_server ends it, and so does the end of the script,
# however it comes.
start_server() {
    local program=$1
    shift
    coproc SERVER { exec "$TARGET_DIR/debug/$program" "$@" --port 0; }
    server_pid=$SERVER_PID
    trap stop_server EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    read -r -t 30 -u "${SERVER[0]}" SERVER_URL || complain "$program does not start"
}

stop_server() {
    if [[ -n ${server_pid:-} ]]; then
        kill "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
        server_pid=
    fi
}

# The same for the demo server, which also ends with its stdin, a pipe from here. Sets DEMO_URL.
start_demo_server() {
    start_server demo-server --until-eof && DEMO_URL=$SERVER_URL
}

stop_demo_server() {
    stop_server
}
