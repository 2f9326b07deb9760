#!/usr/bin/env bash
# Usage: scripts/newest-ruby.sh unpack
#        scripts/newest-ruby.sh run COMMAND…
# The Ruby of Debian's newest release, with the gems that the tests use. `unpack` puts it next to the
# build and installs nothing; `run` runs a command in it, with the project at its own path. Both need
# root, and the first mmdebstrap.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

root=$PWD/build/parts/newest-ruby
packages=ruby,ruby-ffi,ruby-minitest,ruby-rack,ruby-rspec,ruby-webmock,ruby-faraday,ruby-octokit,ruby-elasticsearch,ruby-oauth2,ruby-acme-client,ruby-signet,ruby-actionpack,base-files,coreutils,dash

unpack() {
    [[ -x $root/usr/bin/ruby && $packages == "$(cat "$root.packages" 2>/dev/null)" ]] && return
    rm -rf "$root"
    mkdir -p "${root%/*}"
    # A mirror may be a snapshot, whose lists are old.
    mmdebstrap --quiet --variant=extract --aptopt='Acquire::Check-Valid-Until "false"' --include="$packages" stable "$root"
    printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
    printf '%s' "$packages" >"$root.packages"
}

# The mounts end with the command.
run() {
    mkdir -p "$root$PWD"
    # shellcheck disable=SC2016  # For the shell within.
    exec unshare --mount sh -ec '
        root=$1
        shift
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount --bind "$PWD" "$root$PWD"
        LANG=C.UTF-8 exec chroot "$root" sh -ec "cd \"$PWD\" && exec \"\$@\"" sh "$@"
    ' sh "$root" "$@"
}

"$@"
