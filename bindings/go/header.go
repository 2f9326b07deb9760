package sac

// #include "shim.h"
import "C"

import (
	"net/http"
	"net/textproto"
	"strings"
	"unsafe"
)

// header copies the header fields that the call has brought back: the texts of all of them into one
// string, and the values of all names into one slice, each name having its part.
func (x *exchange) header() http.Header {
	count := int(x.answer.field_count)
	if x.answer.response.status == 0 {
		return nil
	}
	fields := x.answer.fields[:]
	if count > len(fields) {
		fields = make([]C.gosac_field, count)
		C.gosac_fields(x.answer.response, &fields[0], C.size_t(count))
	}
	fields = fields[:count]
	values := valuesOf(fields)
	header := make(http.Header, count)
	for i := 0; i < count; {
		name := cBytes(unsafe.Pointer(fields[i].name), fields[i].name_len)
		same := i + 1 // The library has fields of one name side by side.
		for same < count && string(cBytes(unsafe.Pointer(fields[same].name), fields[same].name_len)) == string(name) {
			same++
		}
		header[textproto.CanonicalMIMEHeaderKey(string(name))] = values[i:same:same]
		i = same
	}
	return header
}

func valuesOf(fields []C.gosac_field) []string {
	length := 0
	for i := range fields {
		length += int(fields[i].value_len)
	}
	var all strings.Builder
	all.Grow(length)
	for i := range fields {
		all.Write(cBytes(unsafe.Pointer(fields[i].value), fields[i].value_len))
	}
	values, rest := make([]string, len(fields)), all.String()
	for i := range fields {
		length := int(fields[i].value_len)
		values[i], rest = rest[:length], rest[length:]
	}
	return values
}
