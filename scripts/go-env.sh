# shellcheck shell=bash
# The environment in which Go builds against the library in build/lib; sourced behind common.sh.
# What is set here: where pkg-config looks, no toolchain that is fetched, no stamp of git's.
scripts/pkg-config.sh build/lib
export PKG_CONFIG_PATH=$PWD/build/lib/pkgconfig GOTOOLCHAIN=local GOWORK=off GOFLAGS=-buildvcs=false
