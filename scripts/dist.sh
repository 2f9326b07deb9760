#!/usr/bin/env bash
# Usage: scripts/dist.sh [FOLDER]
# Makes what is handed out, in FOLDER (build/dist): a tarball with the library built for old systems,
# Debian packages with the same, the Ruby gem, and SHA256SUMS. The same sources give the same bytes;
# dates are those of SOURCE_DATE_EPOCH, else of the last commit.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

source scripts/zig.sh

dist=${1:-build/dist}
work=$dist/work
arch=$(uname -m)
umask 022

# The one release build, linked so that old systems can load it.
build_library() {
    scripts/build.sh release build/release
    cp "build/release/$LICENCES" "build/release/$SBOM" "$work"
    if need_zig; then
        scripts/link.sh release "$TARGET_DIR/release/libsac.a" "$work" "${OLD_CC[@]}"
        {
            printf '\n%s\nFrom:\n\n  libunwind of LLVM\n\n' "$RULE"
            cat "$("${ZIG[@]}" env | sed -n 's/^ *\.lib_dir = "\(.*\)",/\1/p')/libunwind/LICENSE.TXT"
        } >>"$work/$LICENCES"
        scripts/sbom.py libunwind "zig-$("${ZIG[@]}" version)" 'Apache-2.0 WITH LLVM-exception' >"$work/$SBOM"
    else
        cp -a build/release/libsac.* "$work"
        heading "zig is not to be had (packaging/requirements.txt): what is made here needs this system's glibc, not $OLD_GLIBC"
    fi
}

make_man() {
    python3 -B scripts/docs/man.py "$HEADER" "$work/man" "$VERSION" \
        "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)"
}

make_tarball() {
    local name=libsac-$VERSION-linux-$arch
    DESTDIR=$work RELOCATABLE=1 BUILT=$work PREFIX=/$name scripts/install.sh
    tar --create --directory "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" \
        --owner=0 --group=0 --numeric-owner "$name" | gzip -9n >"$dist/$name.tar.gz"
}

rm -rf "$dist"
mkdir -p "$work"
build_library
# Not before the build: a change of it would have C compiled anew.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Cargo.toml)}
export MAN=$work/man
make_man
make_tarball
if command -v dpkg-gencontrol >/dev/null; then
    scripts/debian.sh "$work" "$dist"
else
    printf 'dpkg-dev is not here: no Debian packages are made\n' >&2
fi
if command -v gem >/dev/null; then
    scripts/gem.sh "$dist/sac-$VERSION.gem" "$work/$SBOM"
else
    printf 'RubyGems is not here: no gem is made\n' >&2
fi
(cd "$dist" && sha256sum -- *.* >SHA256SUMS)
rm -rf "$work"
ls -l "$dist"
