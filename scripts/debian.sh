#!/usr/bin/env bash
# Usage: scripts/debian.sh BUILT FOLDER
# Makes the Debian packages libsac0 and libsac-dev in FOLDER, of the library in BUILT, with dpkg's own
# tools. scripts/dist.sh calls it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

built=$(realpath "$1")
folder=$(realpath "$2")
work=$built/debian-packages
libdir=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
version=$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)

[[ ${version%-*} == "$VERSION" ]] ||
    complain "packaging/debian/changelog is about $version, Cargo.toml about $VERSION"

# Both packages' files, then sorted: what programs need to run goes to libsac0.
stage() {
    local dev=$work/debian/libsac-dev run=$work/debian/libsac0 package
    DESTDIR=$dev PREFIX=/usr LIBDIR=$libdir BUILT=$built scripts/install.sh >/dev/null
    mkdir -p "$run$libdir"
    mv "$dev$libdir/$SONAME" "$dev$libdir/libsac.so.$VERSION" "$run$libdir"
    mv "$dev/usr/share/doc/libsac" "$dev/usr/share/doc/libsac-dev"
    rm "$dev"/usr/share/doc/libsac-dev/LICENSE-*
    for package in libsac0 libsac-dev; do
        add_papers "$package" "$work/debian/$package/usr/share/doc/$package"
    done
    find "$dev/usr/share/man" -type f -exec gzip -9n {} +
    chmod 644 "$run$libdir/libsac.so.$VERSION"
}

# add_papers PACKAGE FOLDER: what every package has to say about itself.
add_papers() {
    mkdir -p "$2"
    gzip -9nc packaging/debian/changelog >"$2/changelog.Debian.gz"
    gzip -9nc "$built/$LICENCES" >"$2/$LICENCES.gz"
    cp "$built/$SBOM" "$2"
    rm -f "$2/$LICENCES" "$2/CHANGELOG.md"
    gzip -9nc CHANGELOG.md >"$2/changelog.gz"
    # Of the MIT licence, its words: copyright and title stand above.
    sed -e '/^@mit@$/ {' -e "r $work/mit" -e 'd' -e '}' packaging/debian/copyright >"$2/copyright"
}

# In a `debian` folder, as dpkg's tools want it. A symbol that has disappeared ends the build.
describe() {
    local library=debian/libsac0$libdir/libsac.so.$VERSION newest
    cd "$work"
    dpkg-gensymbols -plibsac0 -v"$version" -Pdebian/libsac0 -c1 -q -e"$library" -Idebian/libsac0.symbols
    printf 'libsac 0 libsac0 (>= %s)\n' "$VERSION" >debian/libsac0/DEBIAN/shlibs
    printf 'activate-noawait ldconfig\n' >debian/libsac0/DEBIAN/triggers
    # dpkg-shlibdeps asks for the C library that has everything the library would use where it is
    # there; what it cannot do without says the newest version among its symbols.
    dpkg-shlibdeps -Tdebian/libsac0.substvars -Sdebian/libsac0 "$library" 2>/dev/null
    newest=$(list_glibc "$library" | tail -n1)
    sed -i "s/libc6 ([^)]*)/libc6 (>= ${newest#GLIBC_})/" debian/libsac0.substvars
    touch debian/libsac-dev.substvars
}

# pack PACKAGE
pack() {
    local root=debian/$1
    dpkg-gencontrol -p"$1" -P"$root" -Tdebian/"$1".substvars -ldebian/changelog -fdebian/files 2>&1 |
        { grep -v 'substitution variable' || true; }
    (cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    find "$root" -depth -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group --build "$root" "$folder" >/dev/null
}

mkdir -p "$work/debian"/{libsac0,libsac-dev}/DEBIAN
cp packaging/debian/{control,changelog,libsac0.symbols} "$work/debian"
sed -n '/^Permission/,$ { s/^$/./; s/^/ /; p }' LICENSE-MIT >"$work/mit"
stage
describe
pack libsac0
pack libsac-dev
