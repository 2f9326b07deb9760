package sac

// #include "shim.h"
import "C"

import (
	"strings"
	"unsafe"
)

// cStrings contains strings for C, each followed by a NUL, in Go memory. They are for one call of a C
// function, and are wiped after it, because each may be a secret.
type cStrings struct {
	memory []byte
	starts []int
}

// newCStrings copies strings. It returns an error if one contains a NUL, which ends a C string.
func newCStrings(code Code, what string, values ...string) (*cStrings, error) {
	size := len(values)
	for _, text := range values {
		if hasNUL(text) {
			return nil, newError(code, what+" contains a NUL byte")
		}
		size += len(text)
	}
	t := &cStrings{memory: make([]byte, 0, size), starts: make([]int, 0, len(values))}
	for _, text := range values {
		t.starts = append(t.starts, len(t.memory))
		t.memory = append(append(t.memory, text...), 0)
	}
	return t, nil
}

// at returns the string at an index. It is valid as long as t.
func (t *cStrings) at(index int) *C.char {
	return (*C.char)(unsafe.Pointer(&t.memory[t.starts[index]]))
}

// orNull is like at, but returns NULL for "".
func (t *cStrings) orNull(index int) *C.char {
	if at := t.at(index); *at != 0 {
		return at
	}
	return nil
}

// wipe overwrites the copies.
func (t *cStrings) wipe() {
	wipe(t.memory)
}

// wipe overwrites bytes that may be secret.
func wipe(bytes []byte) {
	for i := range bytes {
		bytes[i] = 0
	}
}

func hasNUL(text string) bool {
	return strings.IndexByte(text, 0) >= 0
}
