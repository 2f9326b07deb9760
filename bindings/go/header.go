package sac

// #include "shim.h"
import "C"

import (
	"bytes"
	"net/http"
	"net/textproto"
	"sync/atomic"
	"unsafe"
)

// fields are the header fields of a response, in memory that is valid until the call is freed.
type fields struct {
	names     []byte       // each followed by a NUL
	valueLens []C.uint32_t // the length of each value
	reasonLen int
	text      []byte // the reason phrase, then all values in order; then the body and the JSON if the result is whole
}

func (c *inFlight) fields() fields {
	r := &c.result
	if r.sizes.count <= C.GOSAC_INLINE_FIELDS && r.sizes.names_len <= C.GOSAC_INLINE_NAMES &&
		r.sizes.text_len <= C.GOSAC_INLINE_TEXT {
		return fields{
			names:     viewBytes(unsafe.Pointer(&r.names), r.sizes.names_len),
			valueLens: r.value_lens[:r.sizes.count],
			reasonLen: int(r.sizes.reason_len),
			text:      c.text(),
		}
	}
	sizes := r.sizes
	// One more of each, for &names[0].
	names, valueLens := make([]byte, sizes.names_len+1), make([]C.uint32_t, sizes.count+1)
	text := make([]byte, sizes.text_len+1)
	C.gosac_fields(c.response, &sizes, (*C.char)(unsafe.Pointer(&names[0])), &valueLens[0],
		(*C.char)(unsafe.Pointer(&text[0])))
	return fields{names[:sizes.names_len], valueLens[:sizes.count], int(sizes.reason_len), text[:sizes.text_len]}
}

// text returns the text that is in the result itself.
func (c *inFlight) text() []byte {
	length := c.result.sizes.text_len
	if length > C.GOSAC_INLINE_TEXT {
		length = C.GOSAC_INLINE_TEXT
	}
	return viewBytes(unsafe.Pointer(&c.result.text), length)
}

// header makes the reason phrase and the header. text is a copy of the fields' text, and values has one
// element for each field. Each name gets a part of values. rest is the number of bytes of text before the
// body.
func (f *fields) header(names *fieldNames, text string, values []string) (reason string, header http.Header, rest int) {
	canonical := names.canonical(f.names)
	header = make(http.Header, len(canonical))
	at, first := f.reasonLen, 0 // first of the fields of one name, which are next to each other in the library
	for i, name := range canonical {
		end := at + int(f.valueLens[i])
		values[i], at = text[at:end], end
		if i+1 == len(canonical) || canonical[i+1] != name {
			header[name] = values[first : i+1 : i+1]
			first = i + 1
		}
	}
	return text[:f.reasonLen], header, at
}

// fieldNames are the names of the header fields of an earlier response. The next response usually has the
// same.
type fieldNames struct {
	library []byte // as the library returns them, each followed by a NUL
	http    []string
}

// canonical returns net/http's forms of names, each of which is followed by a NUL.
func (n *fieldNames) canonical(names []byte) []string {
	if bytes.Equal(names, n.library) {
		return n.http
	}
	n.library, n.http = append(n.library[:0], names...), n.http[:0]
	for len(names) > 0 {
		end := bytes.IndexByte(names, 0)
		n.http = append(n.http, canonical(names[:end]))
		names = names[end+1:]
	}
	return n.http
}

// maxCanonicalNames is the number of stored names. Only a hostile server sends more.
const maxCanonicalNames = 256

// canonicalNames maps the library's names of header fields to net/http's. A server sends the same few names
// every time.
var canonicalNames atomic.Pointer[map[string]string]

// canonical returns net/http's form of a name.
func canonical(name []byte) string {
	names := canonicalNames.Load()
	if names == nil {
		return addCanonicalName(string(name), nil)
	}
	if canonicalName, ok := (*names)[string(name)]; ok {
		return canonicalName
	}
	return addCanonicalName(string(name), *names)
}

// addCanonicalName stores a name in addition to names. If two goroutines do this at the same time, one of
// the two names is lost and will be added again later.
func addCanonicalName(name string, names map[string]string) string {
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
