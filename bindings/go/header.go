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

// header copies the reason phrase and the header fields of the response: all texts into one string, and
// all values into one slice, of which each name gets a part.
func (c *inFlight) header() (string, http.Header) {
	if c.response.status == 0 {
		return "", nil
	}
	fields, text := c.fields()
	all, values := string(text), make([]string, len(fields))
	reason, all := all[:c.result.reason_len], all[c.result.reason_len:]
	header := make(http.Header, len(fields))
	first, last := 0, "" // of the fields of one name, which are next to each other in the library
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

// fields returns the lengths of the names and values, and one text: the reason phrase, then all names and
// values in order.
func (c *inFlight) fields() ([]C.gosac_field, []byte) {
	count := int(c.result.field_count)
	if count <= len(c.result.fields) && int(c.result.text_len) <= len(c.result.text) {
		return c.result.fields[:count], c.text()
	}
	fields := make([]C.gosac_field, count+1) // never empty, for &fields[0]
	first, reason := &fields[0], &c.result.reason_len
	length := C.gosac_fields(c.response, reason, first, C.size_t(count), nil, 0)
	text := make([]byte, length)
	C.gosac_fields(c.response, reason, first, C.size_t(count), (*C.char)(unsafe.Pointer(&text[0])), length)
	return fields[:count], text
}

// text returns the part of the reason phrase and the header fields that is in the result itself.
func (c *inFlight) text() []byte {
	length := c.result.text_len
	if length > C.GOSAC_INLINE_TEXT {
		length = C.GOSAC_INLINE_TEXT
	}
	return viewBytes(unsafe.Pointer(&c.result.text), length)
}

// maxCanonicalNames is the number of stored names. Only a hostile server sends more.
const maxCanonicalNames = 256

// canonicalNames maps the library's names of header fields to net/http's. A server sends the same few names
// every time.
var canonicalNames atomic.Pointer[map[string]string]

// canonical returns net/http's form of a name. The result shares no memory with the name, which is part of
// a string that may contain secrets.
func canonical(name string) string {
	names := canonicalNames.Load()
	if names == nil {
		return addCanonicalName(name, nil)
	}
	if canonicalName, ok := (*names)[name]; ok {
		return canonicalName
	}
	return addCanonicalName(name, *names)
}

// addCanonicalName stores a name in addition to names. If two goroutines do this at the same time, one of
// the two names is lost and will be added again later.
func addCanonicalName(name string, names map[string]string) string {
	name = strings.Clone(name)
	canonicalName := textproto.CanonicalMIMEHeaderKey(name)
	if len(names) < maxCanonicalNames {
		more := make(map[string]string, len(names)+1)
		for name, canonicalName := range names {
			more[name] = canonicalName
		}
		more[name] = canonicalName
		canonicalNames.Store(&more)
	}
	return canonicalName
}
