#!/usr/bin/env bash
# Runs the conformance cases in every language that has a runner, and prints the table.
# Usage: scripts/conformance.sh [LANGUAGE…]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

suite=tests/conformance
results=build/conformance/results

# One row for each case, one column for each language; a case that a runner never reached is blank.
print_table() {
    awk '
        FNR == 1 { language = FILENAME; sub(/.*\//, "", language); names[++languages] = language }
        $1 == "ok" || $1 == "FAILED" {
            sub(/:$/, "", $2)
            if (!($2 in known)) { known[$2] = 1; rows[++cases] = $2 }
            result[$2, language] = $1
            if (length($2) > width) width = length($2)
        }
        END {
            printf "%-*s", width, "case"
            for (l = 1; l <= languages; l++) printf "  %-6s", names[l]
            print ""
            for (c = 1; c <= cases; c++) {
                printf "%-*s", width, rows[c]
                for (l = 1; l <= languages; l++) printf "  %-6s", result[rows[c], names[l]]
                print ""
            }
        }' "$@"
}

run() {
    if "$suite/$1/run" "$SERVER_URL" >"$results/$1"; then
        return
    fi
    failed+=("$1")
    grep -v '^ok ' "$results/$1" || true
}

languages=("$@")
if ((${#languages[@]} == 0)); then
    for language in c cpp go ruby; do
        [[ ! -x $suite/$language/run ]] || languages+=("$language")
    done
fi

scripts/build.sh debug build/lib
rm -rf "$results"
mkdir -p "$results"
start_server conformance-server --cases "$suite/cases.json"
failed=()
for language in "${languages[@]}"; do
    run "$language"
done
stop_server

print_table "${languages[@]/#/$results/}"
grep -h '^conformance ' "${languages[@]/#/$results/}" || true
((${#failed[@]} == 0)) || complain "failed: ${failed[*]}"
