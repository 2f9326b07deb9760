#!/usr/bin/env bash
# Usage: scripts/link.sh debug|release ARCHIVE FOLDER [COMPILER…]
# Makes of the static library that cargo has built what programs are linked with: the shared library
# in FOLDER, with the names that loader and linker look for, and FOLDER/libsac.a. COMPILER (cc) links.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

profile=$1
archive=$(realpath "$2")
folder=$3
compiler=("${@:4}")
# The unwinder within: a shared one would be one more file to load, or to lack.
((${#compiler[@]})) || compiler=(cc -static-libgcc)

# nodelete: thread-local destructors and a possible look-up thread outlive a dlclose.
LINK_FLAGS=(
    -shared "-Wl,-soname,$SONAME" "-Wl,--version-script=packaging/libsac.map"
    "-Wl,-z,defs" "-Wl,-z,nodelete" "-Wl,-z,relro" "-Wl,-z,now" "-Wl,-z,noexecstack"
    "-Wl,--gc-sections" "-Wl,--as-needed" "-Wl,--build-id=sha1"
)

# What a first call runs, side by side. The kernel maps a library in pieces of 64 KB as they are
# touched, which a first answer waits for; elsewhere its functions would lie as their crates do, all
# over two and a half megabytes. What is not in the list, or has another name by now, stays behind.
write_order() {
    printf 'SECTIONS {\n.text.first : {\n'
    sed '/^\(#\|$\)/d; s/.*/*(.text.& .text.unlikely.&)/' "$FIRST_CALL"
    printf '}\n}\nINSERT BEFORE .text;\n'
}

# put NEW FILE: FILE becomes NEW, and stays as it is, with its time, where nothing is new in it.
put() {
    if cmp -s "$1" "$2"; then
        rm "$1"
    else
        mv "$1" "$2"
    fi
}

link_shared() {
    local finish=()
    if [[ $profile == release ]]; then
        write_order >"$work/order"
        finish=("-Wl,-s" "-Wl,-T,$work/order")
    fi
    "${compiler[@]}" "${LINK_FLAGS[@]}" "${finish[@]}" -o "$work/libsac.so" \
        -Wl,--whole-archive "$archive" -Wl,--no-whole-archive "${STATIC_LIBS[@]}"
    # Written anew in one go: the linker writes here and there, what is written so lies in small pieces in
    # the system's cache, and a process that loads it waits for each. What is installed is a copy anyway.
    cat "$work/libsac.so" >"$work/whole.so"
    chmod +x "$work/whole.so"
    put "$work/whole.so" "$folder/libsac.so.$VERSION"
    ln -sfn "libsac.so.$VERSION" "$folder/$SONAME"
    ln -sfn "$SONAME" "$folder/libsac.so"
}

# One object whose only global symbols are those of the interface: so it gets along with whatever
# else a program is linked with, another static library in Rust, say, or another version of ring.
link_static() {
    local roots=()
    list_declared >"$work/keep"
    mapfile -t roots < <(sed 's/^/-Wl,-u,/' "$work/keep")
    cc -r -nostdlib -Wl,--gc-sections "${roots[@]}" -o "$work/whole.o" \
        -Wl,--whole-archive "$archive" -Wl,--no-whole-archive
    objcopy --strip-debug --remove-section='.llvm*' --remove-section=.comment \
        --keep-global-symbols="$work/keep" "$work/whole.o" "$work/sac.o"
    ar rcsD "$work/libsac.a" "$work/sac.o"
    rm -f "$work/whole.o"
    # In a working copy it may be a link to a debug build.
    [[ ! -L $folder/libsac.a ]] || rm "$folder/libsac.a"
    put "$work/libsac.a" "$folder/libsac.a"
}

mkdir -p "$folder"
work=$(mktemp -d "$folder/.link-XXXXXX")
trap 'rm -rf "$work"' EXIT
link_shared
if [[ $profile == debug ]]; then
    ln -sfn "$archive" "$folder/libsac.a"
else
    link_static
fi
