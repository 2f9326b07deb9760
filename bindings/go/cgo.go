package sac

// SAC_STATIC is for Go's build cache, which knows flags but not what pkg-config says: without it, a
// program with the tag would be given what was built without.

// #cgo !sac_static pkg-config: sac
// #cgo sac_static pkg-config: sac-static
// #cgo sac_static CFLAGS: -DSAC_STATIC
// #include "shim.h"
import "C"

import "unsafe"

//go:generate go run ./internal/gencodes ../../include/sac.h codes_generated.go

// Version is the version of the library that is loaded, such as "0.1.0".
func Version() string {
	return C.GoString(C.sac_version())
}

// cBytes views memory that C has written as bytes, without copying: they live only as long as what they
// are part of.
func cBytes(start unsafe.Pointer, length C.size_t) []byte {
	if length == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(start), int(length))
}

// copyOf copies C memory.
func copyOf(start unsafe.Pointer, length C.size_t) []byte {
	return append([]byte(nil), cBytes(start, length)...)
}

// takeString copies a string that the library has handed over, and frees it.
func takeString(text *C.char) string {
	defer C.sac_string_free(text)
	return C.GoString(text)
}
