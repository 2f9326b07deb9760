# shellcheck shell=bash
# What the scripts share; sourced, never run. Moves to the top of the project.
# shellcheck disable=SC2034,SC2153  # Used where this is sourced; DEMO_PID is set by coproc.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

HEADER=include/sac.h
WARNINGS=(-Wall -Wextra -Wpedantic -Werror)
# What a program linked with libsac.a needs besides
# (cargo rustc --lib --crate-type staticlib -- --print native-static-libs).
STATIC_LIBS=(-lpthread -ldl -lm)
TARGET_DIR=${CARGO_TARGET_DIR:-target}

heading() {
    printf '\n== %s ==\n' "$*"
}

# Says what is wrong on stderr, and fails.
complain() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    return 1
}

# The header is made by the library's build.
need_header() {
    [[ -f $HEADER ]] || complain "$HEADER is missing: the build has not generated it"
}

# Starts a demo server of one's own. Sets DEMO_URL; stop_demo_server ends it, and so does the end
# of the script, however it comes: the server's stdin is a pipe from here.
start_demo_server() {
    coproc DEMO { exec "$TARGET_DIR/debug/demo-server" --port 0 --until-eof; }
    demo_pid=$DEMO_PID
    trap stop_demo_server EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    read -r -t 30 -u "${DEMO[0]}" DEMO_URL || complain "the demo server does not start"
}

stop_demo_server() {
    if [[ -n ${demo_pid:-} ]]; then
        kill "$demo_pid" 2>/dev/null || true
        wait "$demo_pid" 2>/dev/null || true
        demo_pid=
    fi
}
