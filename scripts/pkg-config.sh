#!/usr/bin/env bash
# Usage: scripts/pkg-config.sh [FOLDER]
# Writes FOLDER/pkgconfig/sac.pc and sac-static.pc for the library that scripts/build.sh has linked
# into FOLDER (build/lib), so that `PKG_CONFIG_PATH=FOLDER/pkgconfig pkg-config --libs sac` answers.
# A program linked by sac.pc finds its library in FOLDER without LD_LIBRARY_PATH.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# write NAME DESCRIPTION LIBS: one file.
write() {
    cat >"$folder/pkgconfig/$1.pc" <<END
libdir=$folder
includedir=$PWD/include

Name: $1
Description: $2
Version: $VERSION
Cflags: -I\${includedir}
Libs: $3
END
}

folder=${1:-build/lib}
mkdir -p "$folder/pkgconfig"
folder=$(cd "$folder" && pwd)
# The variables are pkg-config's.
# shellcheck disable=SC2016
write sac 'Simple API Client: call JSON APIs, linked shared' '-L${libdir} -lsac -Wl,-rpath,${libdir}'
# shellcheck disable=SC2016
write sac-static 'Simple API Client: call JSON APIs, linked static' '${libdir}/libsac.a '"${STATIC_LIBS[*]}"
