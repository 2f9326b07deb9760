#!/usr/bin/env bash
# The C++ headers: complete, clean under every compiler and standard, and tested, under ASan and
# UBSan too.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=build/cpp
flags=("${WARNINGS[@]}" -Wconversion -Wshadow -Iinclude -I"$folder" -pthread)
libraries=(-Lbuild/lib -lsac "-Wl,-rpath,$PWD/build/lib")
# The commas are the compilers'.
# shellcheck disable=SC2054
sanitizers=(-g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

# Each constant of the C header with the enumerator that sac/code.hpp must have for it.
list_constants() {
    local prefix class name
    while read -r prefix class; do
        sed -nE "s/^#define (SAC_${prefix}([A-Z0-9_]+)) [0-9]+$/\1 \2/p" "$HEADER" |
            while read -r constant name; do
                name=${name,,}
                case $class:$name in
                    JsonType:bool) name=boolean ;;
                    Tls:*) name=v$name ;;
                esac
                printf 'CONSTANT(%s, %s::%s)\n' "$constant" "$class" "$name"
            done
    done <<'END'
ERR_ Code
JSON_TYPE_ JsonType
DIGEST_ Digest
TLS_ Tls
LOG_ LogLevel
END
    printf 'CONSTANT(SAC_OK, Code::ok)\n'
    for state in NONE EXACT REPAIRED; do
        printf 'CONSTANT(SAC_JSON_%s, JsonState::%s)\n' "$state" "${state,,}"
    done
}

# Every function of the C header is called somewhere in the C++ ones.
check_complete() {
    local function unbound=()
    while read -r function; do
        grep -qE "\b$function\b" include/sac/*.hpp || unbound+=("$function")
    done < <(list_declared | grep -vxFf tests/cpp/unbound.txt)
    if ((${#unbound[@]})); then
        printf 'not bound in C++: %s\n' "${unbound[@]}"
        return 1
    fi
}

# Every header can be included alone.
check_headers() {
    local header
    for header in include/sac.hpp include/sac/*.hpp; do
        g++ -std=c++11 "${flags[@]}" -fsyntax-only -x c++ - <<<"#include \"${header#include/}\"" ||
            return
    done
}

# What is misuse does not compile, and the same without it does.
check_refused() {
    local source strict=(g++ -std=c++17 "${flags[@]}" -fsyntax-only)
    for source in tests/cpp/refused/*.cpp; do
        "${strict[@]}" "$source" || return
        if "${strict[@]}" -DMISUSE "$source" 2>/dev/null; then
            printf '%s: the misuse compiles\n' "$source"
            return 1
        fi
    done
}

# compile NAME COMPILER FLAGS…: all tests as one unit, which takes a fraction of the time.
compile() {
    local name=$1 compiler=$2
    shift 2
    "$compiler" "${flags[@]}" "$@" "$folder/all.cpp" -o "$folder/$name" "${libraries[@]}"
}

# run NAME COMPILER FLAGS…: leaves what it says in NAME.log, and its status in NAME.status.
run() {
    local name=$1 status=0
    { compile "$@" && timeout 120 "$folder/$name"; } >"$folder/$name.log" 2>&1 || status=$?
    echo "$status" >"$folder/$name.status"
}

# Objects of two standards in one program: what they share must look the same to both.
run_mixed() {
    local name
    local -A standard=([main]=11 [server]=20 [callback_test]=11 [client_test]=20 [request_test]=11)
    for name in "${!standard[@]}"; do
        g++ "-std=c++${standard[$name]}" "${flags[@]}" -c "tests/cpp/$name.cpp" \
            -o "$folder/$name.o" || return
    done
    g++ -pthread "$folder"/*.o -o "$folder/mixed" "${libraries[@]}" && "$folder/mixed"
}

# Two at a time: a unit takes about 1 GB.
run_all() {
    local name names status
    mapfile -t names < <(printf '%s\n' "${!matrix[@]}" | sort)
    for name in "${names[@]}"; do
        while (($(jobs -rp | wc -l) >= 2)); do wait -n; done
        # Unquoted: a compiler and its flags.
        # shellcheck disable=SC2086
        run "$name" ${matrix[$name]} &
    done
    wait
    for name in "${names[@]}"; do
        status=$(<"$folder/$name.status")
        if ((status == 0)); then
            sed -n 's/^\[doctest\] test cases: */       /p' "$folder/$name.log"
        else
            tail -n 60 "$folder/$name.log"
        fi
        tell "tests, $name" "$status"
    done
}

scripts/build.sh debug build/lib
need_header
rm -rf "$folder"
mkdir -p "$folder"
list_constants >"$folder/constants.inc"
# doctest's own part has to come first.
printf '#include "%s"\n' "$PWD"/tests/cpp/{main,server,*_test}.cpp >"$folder/all.cpp"

# The sanitizers run with clang++, which compiles for them in half the time.
declare -A matrix=(
    [g++-c++11]='g++ -std=c++11'
    [g++-c++17]='g++ -std=c++17'
    [g++-c++20]='g++ -std=c++20'
    [clang++-c++17]='clang++ -std=c++17'
    [clang++-c++11-sanitized]="clang++ -std=c++11 ${sanitizers[*]}"
    [clang++-c++20-sanitized]="clang++ -std=c++20 ${sanitizers[*]}"
)

check_quietly "$folder/check.log" 'every function of sac.h is bound' check_complete
check_quietly "$folder/check.log" 'every header stands alone' check_headers
check_quietly "$folder/check.log" 'misuse does not compile' check_refused
check_quietly "$folder/check.log" 'two standards in one program' run_mixed
run_all

total
