#!/usr/bin/env bash
# Prints the licences of all that is compiled into the library, out of the sources that cargo builds
# from: each text once, under the names of the crates that come with it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The crates in the library, without those that only help to build it: NAME VERSION|LICENCE|REPOSITORY.
list_crates() {
    cargo tree --locked --edges normal,no-proc-macro --prefix none --no-dedupe \
        --format '{p}|{l}|{r}' | sed '1d; s/^\([^ ]*\) v\([^ |]*\)[^|]*/\1 \2/' | sort -u
}

# Where the crates lie: NAME VERSION|FOLDER.
list_folders() {
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    cargo metadata --locked --filter-platform "$host" --format-version 1 | sed 's/{"name":"/\n&/g' | awk -F'"' '
        /^{"name":"[^"]+","version":"[^"]+","id":/ { crate = $4 " " $8 }
        match($0, /"manifest_path":"[^"]+/) {
            print crate "|" substr($0, RSTART + 17, RLENGTH - 28)
        }'
}

# The licence files of the crate that lies in a folder.
find_texts() {
    find "$1" -maxdepth 1 -type f -size +0 \
        \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'copyright*' -o -iname 'notice*' \) | sort
}

# record TEXT NAME…: the text belongs to that name, too.
record() {
    local text=$1 sum
    sum=$(tr -s '[:space:]' ' ' <"$text" | sha256sum | cut -d' ' -f1)
    [[ -f $work/$sum.text ]] || cp "$text" "$work/$sum.text"
    printf '  %s\n' "${*:2}" >>"$work/$sum.names"
}

# record_crate NAME VERSION REPOSITORY: one that has no text itself has that of another crate of
# its repository.
record_crate() {
    local name=$1 version=$2 repository=$3 texts text
    texts=$(find_texts "${folders["$name $version"]}")
    if [[ -z $texts ]]; then
        texts=$(while IFS='|' read -r other _ place; do
            [[ $place != "$repository" ]] || find_texts "${folders[$other]}"
        done <"$work/crates")
    fi
    [[ -n $texts ]] || complain "$name $version comes without a licence text"
    while read -r text; do
        record "$text" "$name $version"
    done <<<"$texts"
}

declare -A folders
list_crates >"$work/crates"
while IFS='|' read -r crate folder; do
    folders[$crate]=$folder
done < <(list_folders)
while IFS='|' read -r crate _ repository; do
    # Unquoted: name and version.
    # shellcheck disable=SC2086
    record_crate $crate "$repository"
done <"$work/crates"

cat <<'END'
libsac is under the MIT licence or the Apache License 2.0, at your choice. Compiled into it are the
following packages, and Rust's standard library (MIT OR Apache-2.0, https://www.rust-lang.org/).
The list of public suffixes in psl is Mozilla's (MPL-2.0); its source is https://publicsuffix.org/list/.
The shared library has an unwinder in it besides: the C compiler's, GCC's being under the GNU GPL 3
with the runtime library exception, or, where zig has linked it, LLVM's libunwind (Apache-2.0 WITH
LLVM-exception).

END
awk -F'|' '{ printf "  %-30s %s\n", $1, $2 }' "$work/crates"
for names in "$work"/*.names; do
    printf '\n%s\nFrom:\n\n' "$RULE"
    sort -u "$names"
    printf '\n'
    cat "${names%.names}.text"
done
