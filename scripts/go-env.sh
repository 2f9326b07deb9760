# shellcheck shell=bash
# The environment in which Go builds against the library in a folder (LIBRARY_FOLDER, build/lib unless
# set); sourced behind common.sh. No toolchain is fetched, and git is not asked for a stamp.
LIBRARY_FOLDER=$(realpath "${LIBRARY_FOLDER:-build/lib}")
scripts/pkg-config.sh "$LIBRARY_FOLDER"
export PKG_CONFIG_PATH=$LIBRARY_FOLDER/pkgconfig GOTOOLCHAIN=local GOWORK=off GOFLAGS=-buildvcs=false

# Go's build cache knows neither what pkg-config says nor what is in the library and its header, and
# would take an old build for a new one. A folder that is not there is what it is told of them; the
# linker passes over it.
stamp=$(stat -Lc '%Y-%s' "$LIBRARY_FOLDER/libsac.so" "$LIBRARY_FOLDER/libsac.a" "$HEADER" | tr '\n' '-')
export CGO_LDFLAGS="-O2 -g -L$LIBRARY_FOLDER/made-of-${stamp%-}"
