#!/usr/bin/env bash
# Usage: scripts/install.sh [uninstall]
# Installs the library as `make release` has built it, below DESTDIR where that is set, or removes what
# it has installed. From the environment, as make hands them over: PREFIX (/usr/local), LIBDIR
# (PREFIX/lib), INCLUDEDIR (PREFIX/include), DATADIR (PREFIX/share); BUILT, the folder with the library
# (build/release); RELOCATABLE=1, for a tree that is going to be moved.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PREFIX=${PREFIX:-/usr/local}
LIBDIR=${LIBDIR:-$PREFIX/lib}
INCLUDEDIR=${INCLUDEDIR:-$PREFIX/include}
DATADIR=${DATADIR:-$PREFIX/share}
DESTDIR=${DESTDIR:-}
BUILT=${BUILT:-build/release}
for folder in "$PREFIX" "$LIBDIR" "$INCLUDEDIR" "$DATADIR"; do
    [[ $folder == /* ]] || complain "$folder: an absolute path is needed"
done
DOCDIR=$DATADIR/doc/libsac
MANDIR=$DATADIR/man
GODIR=$DATADIR/libsac/go
# What scripts/docs.sh makes, where it was run.
MAN=${MAN:-build/docs/man}

# between FOLDER OTHER: the way from one to the other.
between() {
    realpath -m --relative-to="$1" "$2"
}

# fill TEMPLATE: the template with its @words@ replaced.
fill() {
    sed -e "s|@prefix@|$prefix|; s|@libdir@|$libdir|; s|@includedir@|$includedir|" \
        -e "s|@version@|$VERSION|; s|@major@|${VERSION%%.*}|; s|@soname@|$SONAME|" \
        -e "s|@static_libs@|${STATIC_LIBS[*]}|; s|@static_libs_list@|$(IFS=';' && echo "${STATIC_LIBS[*]}")|" \
        -e "s|@include_from_lib@|$(between "$LIBDIR" "$INCLUDEDIR")|" \
        -e "s|@pointer_size@|$pointer_size|" "$1"
}

# put MODE SOURCE FOLDER: a file into a folder below DESTDIR.
put() {
    install -D -m "$1" "$2" "$DESTDIR$3/${4:-$(basename "$2")}"
}

# put_filled TEMPLATE FOLDER
put_filled() {
    fill "$1" | put 644 /dev/stdin "$2" "$(basename "$1" .in)"
}

install_library() {
    put 755 "$BUILT/libsac.so.$VERSION" "$LIBDIR"
    ln -sfn "libsac.so.$VERSION" "$DESTDIR$LIBDIR/$SONAME"
    ln -sfn "$SONAME" "$DESTDIR$LIBDIR/libsac.so"
    put 644 "$BUILT/libsac.a" "$LIBDIR"
}

install_headers() {
    local header
    put 644 "$HEADER" "$INCLUDEDIR"
    put 644 include/sac.hpp "$INCLUDEDIR"
    for header in include/sac/*.hpp; do
        put 644 "$header" "$INCLUDEDIR/sac"
    done
}

# The Go module, which Go compiles itself. Its internal packages serve its tests.
install_go() {
    local file
    for file in bindings/go/{go.mod,README.md,*.go,*.c,*.h}; do
        [[ $file == *_test.go ]] || put 644 "$file" "$GODIR"
    done
}

install_descriptions() {
    local prefix=$PREFIX libdir=$LIBDIR includedir=$INCLUDEDIR pointer_size file
    # The class of an ELF file: 1 for 32 bits, 2 for 64.
    pointer_size=$(($(od -An -tu1 -j4 -N1 "$BUILT/libsac.so.$VERSION") * 4))
    if [[ -n ${RELOCATABLE:-} ]]; then
        prefix="\${pcfiledir}/$(between "$LIBDIR/pkgconfig" "$PREFIX")"
    fi
    libdir=${libdir/#"$PREFIX"\//"\${prefix}/"}
    includedir=${includedir/#"$PREFIX"\//"\${prefix}/"}
    for file in packaging/*.pc.in; do
        put_filled "$file" "$LIBDIR/pkgconfig"
    done
    for file in packaging/cmake/*.in; do
        put_filled "$file" "$LIBDIR/cmake/sac"
    done
}

install_texts() {
    local file
    for file in README.md CHANGELOG.md SECURITY.md docs/abi.md LICENSE-* "$BUILT/$LICENCES" "$BUILT/$SBOM"; do
        [[ ! -f $file ]] || put 644 "$file" "$DOCDIR"
    done
    for file in "$MAN"/man[37]/*; do
        [[ ! -f $file ]] || put 644 "$file" "$MANDIR/$(basename "$(dirname "$file")")"
    done
}

install_all() {
    [[ -f $BUILT/libsac.so.$VERSION ]] || scripts/build.sh release "$BUILT"
    install_library
    install_headers
    install_go
    install_descriptions
    install_texts
    if [[ -z $DESTDIR && -z ${RELOCATABLE:-} ]] && ((EUID == 0)); then
        ldconfig
    fi
    printf 'libsac %s is installed in %s\n' "$VERSION" "$DESTDIR$PREFIX"
}

uninstall() {
    rm -f "$DESTDIR$LIBDIR"/libsac.{a,so,so.[0-9]*} "$DESTDIR$INCLUDEDIR"/sac.{h,hpp} \
        "$DESTDIR$LIBDIR"/pkgconfig/{sac,sac-static}.pc \
        "$DESTDIR$MANDIR"/man3/{sac,SAC}_*.3 "$DESTDIR$MANDIR"/man7/libsac.7
    rm -rf "$DESTDIR$LIBDIR/cmake/sac" "$DESTDIR$INCLUDEDIR/sac" \
        "$DESTDIR$DATADIR/libsac" "$DESTDIR$DOCDIR"
    printf 'libsac is removed from %s\n' "$DESTDIR$PREFIX"
}

case ${1:-install} in
    install) install_all ;;
    uninstall) uninstall ;;
    *) complain "usage: scripts/install.sh [uninstall]" ;;
esac
