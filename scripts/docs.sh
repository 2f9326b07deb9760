#!/usr/bin/env bash
# The reference of every language, in build/docs with an index.html. Fails where anything has no
# documentation, or one that does not hold together.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

out=$PWD/build/docs

make_doxygen() {
    { cat scripts/docs/Doxyfile && printf 'OUTPUT_DIRECTORY=%s\nHTML_OUTPUT=c\nPROJECT_NUMBER=%s\n' "$out" "$VERSION"; } |
        doxygen -
}

make_man() (
    local date pages
    date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}" +%Y-%m-%d)
    python3 -B scripts/docs/man.py "$HEADER" "$out/man" "$VERSION" "$date" || return
    cd "$out/man"
    find man? -type f -exec mandoc -T lint -W warning {} + || return
    mkdir -p html
    for page in man?/*; do
        mandoc -T html "$page" >"html/${page##*/}.html" || return
    done
    # What man(7) sets in bold with a section behind it is another page.
    sed -i -E 's#<b>(libsac|sac_[a-z0-9_]+)</b>\(([37])\)#<a href="\1.\2.html"><b>\1</b></a>(\2)#g' html/*
    pages=(man?/*)
    printf '%d pages: man -M build/docs/man libsac\n' "${#pages[@]}"
)

make_rust() {
    RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items &&
        cp -r "$TARGET_DIR/doc" "$out/rust"
}

make_go() {
    mkdir -p "$out/go"
    (cd bindings/go && go test -count=1 ./internal/documented && go doc -all . >"$out/go/sac.txt")
}

make_ruby() (
    local report
    cd bindings/ruby
    yard doc --quiet --no-cache --fail-on-warning -b "$out/.yardoc" -o "$out/ruby" &&
        report=$(yard stats --list-undoc --no-cache -b "$out/.yardoc") || return
    printf '%s\n' "$report"
    grep -q '100.00% documented' <<<"$report"
)

scripts/tools.sh docs
scripts/build.sh debug build/lib
source scripts/go-env.sh
rm -rf "$out"
mkdir -p "$out"
check "C and C++: Doxygen" make_doxygen
check "C: manual pages" make_man
check "Rust: cargo doc" make_rust
check "Go: go doc" make_go
check "Ruby: YARD" make_ruby
sed "s/@VERSION@/$VERSION/g" scripts/docs/index.html >"$out/index.html"
report
printf 'see build/docs/index.html\n'
