#!/usr/bin/env bash
# What `make install` and `make dist` hand out, used by programs from outside of the source tree, in
# every language; that it needs no new glibc, and reads no trust store before it has to.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source scripts/zig.sh

# The shared library has kept below this; look at what a change brings in before moving it.
MAX_BYTES=5200000

dist=$PWD/build/dist
outside=$(mktemp -d)

# As check of common.sh, but that the first fault within a function ends it, which nothing does
# where its status is asked for.
check() {
    local name=$1 status
    shift
    heading "$name"
    set +e
    (set -e && "$@")
    status=$?
    set -e
    count "$name" "$status"
}

# as_installed ROOT COMMAND…: runs it where the files in ROOT seem to lie in /, and the loader's cache
# knows them, without a mark on the system: in a mount namespace.
as_installed() {
    local root=$1
    shift
    # The words are the inner shell's.
    # shellcheck disable=SC2016
    unshare --mount bash -euc '
        mount -t overlay overlay -o "lowerdir=$0/usr:/usr" /usr
        ldconfig -C "$0/cache"
        mount --bind "$0/cache" /etc/ld.so.cache
        exec "$@"' "$root" "$@"
}

# Programs outside of the tree, against what is in LIBDIR of a root: run_outside NAME RUNNER… with
# library and binding as they see them in between.
run_outside() {
    local name=$1 library=$2 binding=$3
    shift 3
    rm -rf "${outside:?}/$name-programs"
    mkdir "$outside/$name-programs"
    (cd "$outside/$name-programs" &&
        "$@" "$outside/programs/outside.sh" "$library" "$binding" "$dist/sac-$VERSION.gem" "$DEMO_URL")
}

use_installed() {
    local root=$outside/installed
    make --no-print-directory install DESTDIR="$root" INCLUDEDIR=/usr/local/include/libsac BUILT=build/release
    run_outside installed "/usr/local/lib/libsac.so.$VERSION" /usr/local/share/libsac/go as_installed "$root"
}

uninstall_all() {
    local root=$outside/installed left
    rm -f "$root/cache"
    make --no-print-directory uninstall DESTDIR="$root" INCLUDEDIR=/usr/local/include/libsac
    left=$(find "$root" ! -type d)
    [[ -z $left ]] || complain "make uninstall has left $left"
}

# Of Debian's packages, with a package database of their own; only the C library is not in the root.
use_packages() {
    local root=$outside/packages libdir
    libdir=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
    mkdir -p "$root/var/lib/dpkg"/{info,updates,triggers}
    touch "$root/var/lib/dpkg/status"
    dpkg --root="$root" --force-depends -i "$dist"/libsac*.deb 2>&1 | { grep '^dpkg: error' || true; }
    [[ $(dpkg-query --root="$root" -W -f '${db:Status-Status} ') == 'installed installed ' ]] ||
        complain "the packages are not installed"
    (cd "$root" && md5sum --quiet -c var/lib/dpkg/info/libsac*.md5sums)
    run_outside packages "$libdir/libsac.so.$VERSION" /usr/share/libsac/go as_installed "$root"
    dpkg --root="$root" --purge libsac0 libsac-dev >/dev/null
    [[ -z $(find "$root/usr" ! -type d 2>/dev/null) ]] || complain "purged packages have left files"
}

# The tarball can be unpacked anywhere: what it takes is to say where.
use_tarball() {
    local root=$outside/somewhere
    mkdir -p "$root"
    tar -xf "$dist"/libsac-*.tar.gz -C "$root" --strip-components 1
    run_outside tarball "$root/lib/libsac.so.$VERSION" "$root/share/libsac/go" \
        env PKG_CONFIG_PATH="$root/lib/pkgconfig" CMAKE_PREFIX_PATH="$root" LD_LIBRARY_PATH="$root/lib"
}

check_licences() {
    local texts="$outside/somewhere/share/doc/libsac/$LICENCES" crate
    while read -r crate; do
        grep -qF "  ${crate/ v/ }" "$texts" || complain "$crate is compiled in, and $LICENCES lacks it"
    done < <(list_crates)
}

# The crates that are compiled in: NAME vVERSION.
list_crates() {
    cargo tree --locked --edges normal,no-proc-macro --prefix none --format '{p}' | sed '1d; s/ (\*)$//' | sort -u
}

# list_bill BILL: the crates in it, and that nothing in it refers to what it lacks.
list_bill() {
    python3 -c '
import json, sys
bill = json.load(open(sys.argv[1], encoding="utf-8"))
there = {part["bom-ref"] for part in [bill["metadata"]["component"], *bill["components"]]}
assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5"), "another format"
for one in bill["dependencies"]:
    assert there.issuperset([one["ref"], *one["dependsOn"]]), "nothing is known of a part of %s" % one["ref"]
for part in bill["components"]:
    if part["bom-ref"].startswith("pkg:cargo/"):
        assert len(part["hashes"][0]["content"]) == 64 and part["licenses"][0]["expression"], part
        print(part["name"], "v" + part["version"])' "$1"
}

# Each package says what the library is made of: the crates that cargo compiles in, no more, no less.
check_bill() {
    local bill=$outside/somewhere/share/doc/libsac/$SBOM copy deb
    diff <(list_bill "$bill" | sort) <(list_crates)
    tar -xOf "$dist/sac-$VERSION.gem" data.tar.gz | tar -xzO "$SBOM" | cmp - "$bill"
    for deb in "$dist"/libsac*.deb; do
        copy=$(dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards "*/$SBOM")
        cmp - "$bill" <<<"$copy"
    done
}

# The packages are as Debian wants them. No bug of Debian's asks for them.
check_lintian() {
    lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$dist"/*.deb
}

check_size() {
    local bytes
    bytes=$(stat -c %s "$outside/somewhere/lib/libsac.so.$VERSION")
    printf '  %d bytes\n' "$bytes"
    ((bytes <= MAX_BYTES)) || complain "the shared library has grown beyond $MAX_BYTES bytes"
}

check_hardening() {
    scripts/check-hardening.sh "$outside/somewhere/lib/libsac.so.$VERSION"
}

check_glibc() {
    local newest
    newest=$(list_glibc "$outside/somewhere/lib/libsac.so.$VERSION" | tail -n1)
    printf '  the newest symbol version it needs is %s\n' "$newest"
    [[ $(printf '%s\n' "$newest" "GLIBC_$OLD_GLIBC" | sort -V | tail -n1) == "GLIBC_$OLD_GLIBC" ]] ||
        complain "$newest is newer than $OLD_GLIBC"
}

# trace URL: the files that a program looks for on its way there.
trace() {
    env -u SSL_CERT_FILE -u SSL_CERT_DIR LD_LIBRARY_PATH="$outside/somewhere/lib" \
        strace -f -qq -e trace=%file -o "$outside/trace" "$outside/tarball-programs/gcc-shared" "$1"
}

reads_trust_store() {
    grep -E '/(ssl|pki|certs)\b|\.(pem|crt)"' "$outside/trace"
}

check_trust_store() {
    local found
    trace "$DEMO_URL" >/dev/null
    found=$(reads_trust_store) && complain "a call by http reads the trust store: $found"
    # The demo server does not speak TLS; what counts is what was read before that turned out.
    ! trace "${DEMO_URL/http:/https:}" 2>/dev/null || complain "https answers where there is none"
    reads_trust_store >/dev/null || complain "not even a call by https reads the trust store"
}

check_reproducible() {
    scripts/dist.sh build/dist-again >/dev/null
    diff "$dist/SHA256SUMS" build/dist-again/SHA256SUMS
    rm -rf build/dist-again
}

scripts/build.sh debug build/lib
scripts/dist.sh
cp -r tests/install "$outside/programs"
start_demo_server
trap 'stop_server; rm -rf "$outside"' EXIT

check 'the tarball, unpacked anywhere' use_tarball
if unshare --mount true 2>/dev/null; then
    check 'make install, found without a word' use_installed
    check 'make uninstall leaves nothing' uninstall_all
    check 'the Debian packages, in an empty root' use_packages
else
    heading 'NOT TRIED: root is needed to try make install and the Debian packages without a mark on the system'
fi
check 'the licences of all that is in it' check_licences
check 'what it is made of, in each package' check_bill
check 'the size of the library' check_size
check 'what protects it' check_hardening
if need_zig; then
    check "no glibc newer than $OLD_GLIBC" check_glibc
fi
if command -v strace >/dev/null; then
    check 'no trust store before the first https' check_trust_store
fi
if command -v lintian >/dev/null; then
    check 'lintian' check_lintian
fi
check 'the same sources give the same bytes' check_reproducible

report
