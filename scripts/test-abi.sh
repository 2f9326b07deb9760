#!/usr/bin/env bash
# The C interface is what was promised; and a change that breaks the promise would be noticed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=build/abi
faults=0

# notices WHAT WORDS EDIT: with a header that sed has edited so, the check fails, and says those words.
notices() {
    local what=$1 words=$2 edit=$3 report
    sed -zE "$edit" "$HEADER" >"$folder/sac.h"
    if cmp -s "$HEADER" "$folder/sac.h"; then
        printf 'FAILED %s: the edit finds nothing to change in the header\n' "$what"
        faults=$((faults + 1))
    elif report=$(scripts/abi.sh check "$folder/sac.h" 2>&1) || [[ $report != *"$words"* ]]; then
        printf 'FAILED %s goes unnoticed; the check says:\n%s\n' "$what" "$report"
        faults=$((faults + 1))
    else
        printf 'ok     %s is noticed\n' "$what"
    fi
}

# The same for a library that exports something else: links the edited version script.
notices_library() {
    local what=$1 words=$2 edit=$3 report
    sed -E "$edit" packaging/libsac.map >"$folder/libsac.map"
    cc -shared "-Wl,--version-script=$folder/libsac.map" -o "$folder/libsac.so" \
        -Wl,--whole-archive "$TARGET_DIR/debug/libsac.a" -Wl,--no-whole-archive "${STATIC_LIBS[@]}"
    if report=$(scripts/abi.sh check "$HEADER" "$folder/libsac.so" 2>&1) || [[ $report != *"$words"* ]]; then
        printf 'FAILED %s goes unnoticed; the check says:\n%s\n' "$what" "$report"
        faults=$((faults + 1))
    else
        printf 'ok     %s is noticed\n' "$what"
    fi
    rm "$folder/libsac.so"
}

scripts/build.sh debug build/lib
mkdir -p "$folder"
scripts/abi.sh check
notices 'a function that is gone' '1 Removed' \
    's/bool sac_cancel_triggered\([^;]*;//'
notices 'a new function' '1 Added' \
    's/bool sac_cancel_triggered\(/void sac_new(void);\n&/'
notices 'a wider parameter' "parameter 2 of type 'typedef uint32_t' changed" \
    's/(sac_set_retry_attempts\([^;]*)uint32_t/\1uint64_t/'
notices 'another result' "return type changed" \
    's/size_t (sac_response_header_count)/uint16_t \1/'
notices 'a field in the middle of sac_response' 'offset changed' \
    's/int32_t status;/uint64_t extra;\n    &/'
notices 'a callback that takes something else' 'sac_log_callback' \
    's/(typedef void \(\*sac_log_callback\)\([^;]*)int32_t/\1int64_t/'
notices 'a constant with another number' 'SAC_ERR_TIMEOUT' \
    's/(#define SAC_ERR_TIMEOUT) [0-9]+/\1 99/'
notices_library 'another symbol version' 'sac_get@SAC_1' 's/SAC_0/SAC_1/'
notices_library 'a function that is not exported' '< sac_get@SAC_0' 's/local:/&\n sac_get;/; s/sac_\*;/sac_[!g]*; sac_ge[!t]*;/'
((faults == 0)) || complain "$faults faults"
