#!/usr/bin/env bash
# What only the system can see: system calls, threads and allocations of a call, descriptors after
# many, timeouts under a storm of signals. Every tests/system/*.c, with a server of its own.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The calls that strace counts, and how many are made before the counting starts.
COUNTED=100
BEFORE=10

# compile NAME
compile() {
    cc -std=c99 -O1 -g "${WARNINGS[@]}" -Iinclude "tests/system/$1.c" -o "build/tests/system-$1" \
        -Lbuild/lib -lsac -Wl,-rpath,"$PWD/build/lib" -lpthread
}

# trace HOST CALLS: the system calls of the client, a line with number and name for each.
trace() {
    local log=build/tests/system-calls.trace
    rm -f "$log".*
    # A file for each process and thread; the first is the client's own.
    strace -ff -o "$log" build/tests/system-calls "$1" "$2" >/dev/null || return
    local client
    client=$(find build/tests -name 'system-calls.trace.*' | sort -t. -k3n | head -n1)
    sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$client" | sort | uniq -c | sed 's/^ *//'
}

# times_of NAME TRACE: how often a system call was made.
times_of() {
    awk -v name="$1" '$2 == name { print $1; found = 1 } END { if (!found) print 0 }' <<<"$2"
}

# A kept connection: a look whether it lives, the request, the answer. Nothing else at all.
check_system_calls() {
    local few many names name more wanted
    few=$(trace 127.0.0.1 "$BEFORE") && many=$(trace 127.0.0.1 $((BEFORE + COUNTED))) || return
    names=$(cut -d' ' -f2 <<<"$few"$'\n'"$many" | sort -u)
    for name in $names; do
        more=$(($(times_of "$name" "$many") - $(times_of "$name" "$few")))
        case $name in
            sendto) wanted=$COUNTED ;;
            recvfrom) wanted=$((2 * COUNTED)) ;;
            # The allocator's own, now and then.
            brk | madvise | mmap | munmap) continue ;;
            *) wanted=0 ;;
        esac
        if ((more != wanted)); then
            complain "$COUNTED calls make $more times $name, not $wanted times" || return
        fi
    done
}

# check_threads HOST THREADS: the client starts so many, whatever the number of calls. Its server
# is the one child that it forks.
check_threads() {
    local traced started
    traced=$(trace "$1" "$BEFORE") || return
    started=$(($(times_of clone "$traced") + $(times_of clone3 "$traced") - 1))
    if ((started != $2)); then
        complain "$started threads for $BEFORE calls to $1, not $2"
    fi
}

# The user who runs the set-user-ID program and the one whom it belongs to; neither is root, and
# neither needs to have a name.
CALLER=64001
OWNER=64002

# as_caller PROGRAM [VARIABLE=VALUE [URL]]: what the caller reads of tests/system/secure.c.
as_caller() {
    setpriv --reuid "$CALLER" --regid "$CALLER" --clear-groups env -i ${2:+"$2"} "$1" ${3:+"$3"}
}

# expect_line LINE PROGRAM VARIABLE=VALUE [URL]
expect_line() {
    local line
    line=$(as_caller "${@:2}")
    [[ $line == "$1" ]] || complain "${2##*/} with $3: $line, not $1"
}

# A set-user-ID program ignores what its caller's environment says of proxies and of trust; the same
# program without that bit does what it says. Needs root, and a file system that is not nosuid.
check_set_user_id() (
    local folder plain secure url server proxy trust
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"; [[ -z ${server:-} ]] || kill "$server"' EXIT
    cc -std=c99 -O1 -g "${WARNINGS[@]}" -Iinclude tests/system/secure.c -o "$folder/plain" \
        build/lib/libsac.a "${STATIC_LIBS[@]}" || return
    cp "$folder/plain" "$folder/secure"
    chmod 755 "$folder" "$folder/plain"
    chown "$OWNER" "$folder/secure" && chmod 4755 "$folder/secure"
    plain=$folder/plain secure=$folder/secure
    if [[ $(as_caller "$secure") != mistrusted* ]]; then
        printf 'skipped: %s does not let a program be set-user-ID\n' "$folder" >&2
        return
    fi
    for proxy in http_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1; do
        expect_line "trusted SAC_ERR_PROXY" "$plain" "$proxy" &&
            expect_line "mistrusted SAC_OK" "$secure" "$proxy" || return
    done
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$folder/key" -out "$folder/ca.pem" 2>/dev/null
    mkdir "$folder/ca" && cp "$folder/ca.pem" "$folder/ca" && chmod 644 "$folder"/ca.pem "$folder"/ca/*
    chmod 755 "$folder/ca"
    : >"$folder/server"
    openssl s_server -www -accept 127.0.0.1:0 -cert "$folder/ca.pem" -key "$folder/key" \
        >"$folder/server" 2>&1 &
    server=$!
    until url=$(sed -n 's/^ACCEPT .*:/https:\/\/localhost:/p' "$folder/server") && [[ $url ]]; do
        kill -0 "$server" 2>/dev/null || complain "openssl s_server does not start" || return
    done
    for trust in SSL_CERT_FILE="$folder/ca.pem" SSL_CERT_DIR="$folder/ca"; do
        # Its page is no JSON.
        expect_line "trusted SAC_ERR_NOT_JSON" "$plain" "$trust" "$url" &&
            expect_line "mistrusted SAC_ERR_TLS" "$secure" "$trust" "$url" || return
    done
)

scripts/build.sh debug build/lib
need_header
mkdir -p build/tests
for name in allocations calls descriptors storm; do
    compile "$name"
done
check_line "allocations, and what connections hold" build/tests/system-allocations
check_line "descriptors after 10,000 requests" build/tests/system-descriptors
check_line "timeouts under a storm of signals" build/tests/system-storm
check_line "three system calls for a call" check_system_calls
check_line "no thread for an IP address" check_threads 127.0.0.1 0
check_line "one thread for a name, none for a kept connection" check_threads localhost 1
if ((EUID == 0)); then
    check_line "a set-user-ID program ignores the environment" check_set_user_id
else
    printf 'skipped: only root can make a set-user-ID program of another user\n'
fi

total
