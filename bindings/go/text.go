package sac

// #include "shim.h"
import "C"

import (
	"strings"
	"unsafe"
)

// texts holds strings as C wants them, with a NUL behind each, in memory of Go's, to be used in one
// call of a C function and wiped behind it: any of them may be a secret.
type texts struct {
	memory []byte
	starts []int
}

// newTexts copies strings. An error names the first that holds a NUL, which no C string can.
func newTexts(code Code, what string, values ...string) (*texts, error) {
	size := len(values)
	for _, text := range values {
		if hasNUL(text) {
			return nil, newError(code, what+" holds a NUL byte")
		}
		size += len(text)
	}
	t := &texts{memory: make([]byte, 0, size), starts: make([]int, 0, len(values))}
	for _, text := range values {
		t.starts = append(t.starts, len(t.memory))
		t.memory = append(append(t.memory, text...), 0)
	}
	return t, nil
}

// at is the string with a number, for as long as the texts live.
func (t *texts) at(index int) *C.char {
	return (*C.char)(unsafe.Pointer(&t.memory[t.starts[index]]))
}

// orNull is the same; NULL for "".
func (t *texts) orNull(index int) *C.char {
	if at := t.at(index); *at != 0 {
		return at
	}
	return nil
}

// wipe overwrites the copies.
func (t *texts) wipe() {
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
