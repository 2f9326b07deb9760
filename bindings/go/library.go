package sac

// SAC_STATIC is for Go's build cache, which knows flags but not the output of pkg-config: without it, a
// program with the tag could get objects that were built without the tag.

// #cgo !sac_static pkg-config: sac
// #cgo sac_static pkg-config: sac-static
// #cgo sac_static CFLAGS: -DSAC_STATIC
// #include "shim.h"
import "C"

import "unsafe"

//go:generate go run ./internal/gencodes ../../include/sac.h codes_generated.go

// Version returns the version of the loaded library, such as "0.1.0".
func Version() string {
	return C.GoString(C.sac_version())
}

// viewBytes returns C memory as bytes without copying. They are valid as long as the memory is.
func viewBytes(start unsafe.Pointer, length C.size_t) []byte {
	if length == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(start), int(length))
}

// copyBytes copies C memory.
func copyBytes(start unsafe.Pointer, length C.size_t) []byte {
	return append([]byte(nil), viewBytes(start, length)...)
}

// takeString copies a string that the caller owns, and frees it.
func takeString(text *C.char) string {
	defer C.sac_string_free(text)
	return C.GoString(text)
}
