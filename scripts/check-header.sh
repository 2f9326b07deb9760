#!/usr/bin/env bash
# The header that the build generates is the one that is kept under version control.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kept=$(mktemp)
trap 'rm -f "$kept"' EXIT

# An earlier build may have written the file already, so what git has decides; without git, the file.
keep_header() {
    git show ":$HEADER" >"$kept" 2>/dev/null || cp "$HEADER" "$kept"
}

need_header
keep_header
cargo build --locked --workspace
if ! diff -u --label "$HEADER as committed" --label "$HEADER as generated" "$kept" "$HEADER"; then
    complain "$HEADER is out of date: commit the one that the build has just written"
fi
# Every name in it begins with sac_ or SAC_: a header shares its names with the program.
if stray=$(grep -nE '^(#define|typedef [a-z]|struct|extern)' "$HEADER" | grep -vE '[ *(](sac|SAC)_|extern "C"'); then
    complain "$HEADER has names without sac_: $stray"
fi
printf '%s is what the sources say\n' "$HEADER"
