package sac

// #include "shim.h"
import "C"

import (
	"net/http"
	"net/textproto"
	"strings"
	"sync/atomic"
	"unsafe"
)

// head copies the reason phrase and the header fields that the call has brought back: the texts of all
// of them into one string, and the values of all names into one slice, each name having its part.
func (x *exchange) head() (string, http.Header) {
	if x.reply.status == 0 {
		return "", nil
	}
	fields, text := x.fields()
	all, values := string(text), make([]string, len(fields))
	reason, all := all[:x.answer.reason_len], all[x.answer.reason_len:]
	header := make(http.Header, len(fields))
	first, last := 0, "" // of the fields of one name, which the library has side by side
	for i := range fields {
		name, value := int(fields[i].name_len), int(fields[i].value_len)
		if all[:name] != last {
			first, last = i, all[:name]
		}
		values[i], all = all[name:name+value], all[name+value:]
		header[canonical(last)] = values[first : i+1 : i+1]
	}
	return reason, header
}

// fields are the lengths of the header fields' names and values, and the reason phrase and these one
// behind the other.
func (x *exchange) fields() ([]C.gosac_field, []byte) {
	count := int(x.answer.field_count)
	if count <= len(x.answer.fields) && int(x.answer.text_len) <= len(x.answer.text) {
		return x.answer.fields[:count], x.text()
	}
	fields := make([]C.gosac_field, count+1) // which there may be none of
	first, reason := &fields[0], &x.answer.reason_len
	length := C.gosac_fields(x.reply, reason, first, C.size_t(count), nil, 0)
	text := make([]byte, length)
	C.gosac_fields(x.reply, reason, first, C.size_t(count), (*C.char)(unsafe.Pointer(&text[0])), length)
	return fields[:count], text
}

// text is what the answer itself has of the reason phrase and the texts of header fields.
func (x *exchange) text() []byte {
	length := x.answer.text_len
	if length > C.GOSAC_TEXT {
		length = C.GOSAC_TEXT
	}
	return cBytes(unsafe.Pointer(&x.answer.text), length)
}

// maxKnownNames is how many names of header fields are remembered; whoever sends more of them does not
// mean well.
const maxKnownNames = 256

// knownNames are names of header fields as net/http writes them, by the names that the library gives. A
// server sends the same few every time.
var knownNames atomic.Pointer[map[string]string]

// canonical is a name of the library's as net/http writes it. What it returns has no memory in common
// with the name, which is part of what may be secret.
func canonical(name string) string {
	known := knownNames.Load()
	if known == nil {
		return learned(name, nil)
	}
	if written, ok := (*known)[name]; ok {
		return written
	}
	return learned(name, *known)
}

// learned remembers a name besides those that are known. Where another goroutine does so at the same
// time, one of the two names will have to be learned again.
func learned(name string, known map[string]string) string {
	name = strings.Clone(name)
	written := textproto.CanonicalMIMEHeaderKey(name)
	if len(known) < maxKnownNames {
		more := make(map[string]string, len(known)+1)
		for name, written := range known {
			more[name] = written
		}
		more[name] = written
		knownNames.Store(&more)
	}
	return written
}
