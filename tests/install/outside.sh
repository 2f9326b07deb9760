#!/usr/bin/env bash
# Usage: tests/install/outside.sh LIBRARY GO_BINDING GEM URL
# Builds programs in every language against the libsac that is installed here, wherever pkg-config,
# CMake, the loader and Ruby look, and runs each against the demo server at URL. LIBRARY is the file
# that must be found, GO_BINDING the folder of the module, GEM the gem. Works in a folder of its own,
# which is the current one, and knows nothing of the source tree.
set -euo pipefail

library=$1 go_binding=$2 gem=$3 url=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
faults=0
checks=0

# check NAME COMMAND…: what the command prints is shown where it fails.
check() {
    local name=$1
    shift
    checks=$((checks + 1))
    # In a condition, -e does not hold within the function: it has to say itself where it ends.
    if "$@" >log 2>&1; then
        printf '  ok     %s\n' "$name"
    else
        printf '  FAILED %s\n' "$name"
        sed 's/^/    /' log
        faults=$((faults + 1))
    fi
}

# answers COMMAND…: it prints what hello prints.
answers() {
    local printed
    printed=$("$@" "$url") || return
    [[ $printed == *' Ada Lovelace' ]] || { echo "printed: $printed"; return 1; }
}

# shares PROGRAM: it is linked with the library that is installed; stands_alone: with none.
shares() {
    local found
    found=$(ldd "$1" | sed -n 's/.*libsac\.so\.0 => \(.*\) (.*/\1/p')
    [[ -n $found && $(realpath "$found") == "$(realpath "$library")" ]] ||
        { echo "$1 finds '$found', not $library"; return 1; }
}

stands_alone() {
    ! ldd "$1" 2>/dev/null | grep libsac
}

# In each, the words of pkg-config are left to be split.
# shellcheck disable=SC2046
gcc_shared() {
    gcc -std=c99 -Wall -Werror "$here/hello.c" $(pkg-config --cflags --libs sac) -o gcc-shared &&
        shares gcc-shared && answers ./gcc-shared
}

# shellcheck disable=SC2046
gcc_static() {
    gcc -std=c99 "$here/hello.c" $(pkg-config --cflags --libs sac-static) -o gcc-static &&
        stands_alone gcc-static && answers ./gcc-static
}

# glibc warns of getaddrinfo, which needs it as a shared library for some names.
# shellcheck disable=SC2046
gcc_all_static() {
    gcc -static "$here/hello.c" $(pkg-config --static --cflags --libs sac) -o gcc-all-static &&
        stands_alone gcc-all-static && answers ./gcc-all-static
}

# shellcheck disable=SC2046
gxx_shared() {
    g++ -std=c++11 -Wall -Werror "$here/hello.cpp" $(pkg-config --cflags --libs sac) -o gxx-shared &&
        shares gxx-shared && answers ./gxx-shared
}

cmake_targets() {
    local program
    cmake -S "$here" -B cmake -DCMAKE_BUILD_TYPE=Release && cmake --build cmake --parallel || return
    for program in shared-c shared-cpp; do
        shares "cmake/$program" && answers "cmake/$program" || return
    done
    for program in static-c static-cpp; do
        stands_alone "cmake/$program" && answers "cmake/$program" || return
    done
}

# go_program NAME FLAG…
go_program() {
    (cd go && go build -o "../$1" "${@:2}" .) && answers "./$1"
}

go_shared() {
    go_program go-shared && shares go-shared
}

go_static() {
    go_program go-static -tags sac_static && stands_alone go-static
}

ruby_gem() {
    local gems=$PWD/gems
    gem install --quiet --local --ignore-dependencies --no-document --install-dir "$gems" "$gem" &&
        GEM_PATH=$gems:$(gem env path) answers ruby "$here/hello.rb"
}

mkdir go
cp "$here/hello.go" go
printf 'module outside\n\ngo 1.19\n\nrequire libsac/sac v0.0.0\n\nreplace libsac/sac => %s\n' "$go_binding" >go/go.mod

check 'gcc, pkg-config, shared' gcc_shared
check 'gcc, pkg-config, the library static' gcc_static
check 'gcc, pkg-config, all static' gcc_all_static
check 'g++, pkg-config' gxx_shared
check 'CMake, sac::sac and sac::static, C and C++' cmake_targets
check 'go build' go_shared
check 'go build -tags sac_static' go_static
check 'gem install' ruby_gem
printf '  %d checks, %d faults\n' "$checks" "$faults"
((faults == 0))
