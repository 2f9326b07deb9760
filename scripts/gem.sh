#!/usr/bin/env bash
# Usage: scripts/gem.sh GEM [FILE…]
# Builds the Ruby gem as the file GEM, with the licences and the list of changes of the project in it,
# and with the other files.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

gem=$(realpath -m "$1")
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cp -r bindings/ruby/. LICENSE-* CHANGELOG.md "${@:2}" "$folder"
cd "$folder"
gem build --quiet --output "$gem" sac.gemspec
