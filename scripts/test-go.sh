#!/usr/bin/env bash
# The Go binding: formatting, vet, its tests (plain, with the race detector, with the garbage
# collector and cgo's checks at work all the time, linked static, with Debian's old Go), and that
# examples and benchmarks build and run.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

MODULES=(bindings/go examples/go tests/conformance/go)
# Debian 12's Go; the binding is to build with it.
OLD_GO=/usr/lib/go-1.19/bin

# go_in FOLDER ARGUMENTS…
go_in() {
    (cd "$1" && go "${@:2}")
}

is_formatted() {
    local unformatted
    unformatted=$(gofmt -l "${MODULES[@]}")
    [[ -z $unformatted ]] || complain "gofmt would change: $unformatted"
}

vet_all() {
    local module
    for module in "${MODULES[@]}"; do
        go_in "$module" vet ./... || return
    done
}

# Where it is Debian's package manager that is there, and root's to use.
install_old_go() {
    if [[ ! -x $OLD_GO/go ]] && ((EUID == 0)) && command -v apt-get >/dev/null; then
        apt-get install -q -y --no-install-recommends golang-1.19-go >/dev/null 2>&1 || true
    fi
}

with_old_go() {
    PATH=$OLD_GO:$PATH "$@"
}

scripts/build.sh debug build/lib
source scripts/go-env.sh
start_demo_server
export SAC_DEMO_URL=$DEMO_URL

check_line "gofmt" is_formatted
check_line "go vet" vet_all
check_line "go test" go_in bindings/go test -count=1 ./...
check_line "go test -race" go_in bindings/go test -count=1 -race ./...
GOGC=1 GODEBUG=cgocheck=1 check_line "go test, GOGC=1, cgocheck=1" go_in bindings/go test -count=1 .
check_line "go test -tags sac_static" go_in bindings/go test -count=1 -tags sac_static .
check_line "the examples build" go_in examples/go build -o /dev/null ./...
check_line "the benchmarks run" go_in bindings/go test -run '^$' -bench . -benchtime 20x .

install_old_go
if [[ -x $OLD_GO/go ]]; then
    check_line "go vet, Go 1.19" with_old_go vet_all
    check_line "go test, Go 1.19" with_old_go go_in bindings/go test -count=1 ./...
else
    printf 'Go 1.19 is not here (Debian 12: golang-1.19-go): nothing was tested with it\n'
fi
stop_demo_server

total
