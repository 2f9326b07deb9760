package sac

// #include <sac.h>
import "C"

import (
	"encoding/json"
	"unsafe"
)

// The methods below read a value of the response's JSON by a JSON pointer (RFC 6901): "" is the
// whole, "/items/0/name" a member of the first element of a member. The JSON is parsed at the first
// use, once.

// TypeAt is the type of a value; TypeMissing where there is none.
func (r *Response) TypeAt(pointer string) JSONType {
	found := TypeMissing
	r.at(pointer, func(c *C.sac_response, pointer *C.char) {
		found = JSONType(C.sac_json_type_of(c, pointer))
	})
	return found
}

// StringAt is a string, with its escapes undone; false where there is no such value or it is no
// string.
func (r *Response) StringAt(pointer string) (value string, ok bool) {
	r.at(pointer, func(c *C.sac_response, pointer *C.char) {
		var length C.size_t
		text := C.sac_json_string(c, pointer, &length)
		value, ok = string(cBytes(unsafe.Pointer(text), length)), text != nil
	})
	return value, ok
}

// IntAt is an integer; false where there is no such value, or it is no integer that fits an int64:
// nothing is rounded.
func (r *Response) IntAt(pointer string) (value int64, ok bool) {
	r.at(pointer, func(c *C.sac_response, pointer *C.char) {
		var out C.int64_t
		ok = bool(C.sac_json_int64(c, pointer, &out))
		value = int64(out)
	})
	return value, ok
}

// FloatAt is a number, rounded to the nearest float64; false where there is no such value, or it is
// no number or beyond the range of a float64.
func (r *Response) FloatAt(pointer string) (value float64, ok bool) {
	r.at(pointer, func(c *C.sac_response, pointer *C.char) {
		var out C.double
		ok = bool(C.sac_json_double(c, pointer, &out))
		value = float64(out)
	})
	return value, ok
}

// BoolAt is a boolean; ok is false where there is no such value, or it is neither true nor false.
func (r *Response) BoolAt(pointer string) (value, ok bool) {
	r.at(pointer, func(c *C.sac_response, pointer *C.char) {
		var out C.bool
		ok = bool(C.sac_json_bool(c, pointer, &out))
		value = bool(out)
	})
	return value, ok
}

// LenAt is the number of elements of an array, or of members of an object; 0 where there is no such
// value or it is neither.
func (r *Response) LenAt(pointer string) (length int) {
	r.at(pointer, func(c *C.sac_response, pointer *C.char) {
		length = int(C.sac_json_length(c, pointer))
	})
	return length
}

// TextAt is the JSON text of a value as it stands: a number with its own digits, an object as a
// whole; nil where there is no such value.
func (r *Response) TextAt(pointer string) (text json.RawMessage) {
	r.at(pointer, func(c *C.sac_response, pointer *C.char) {
		var length C.size_t
		if found := C.sac_json_text(c, pointer, &length); found != nil {
			text = append(json.RawMessage{}, cBytes(unsafe.Pointer(found), length)...)
		}
	})
	return text
}

// DecodeAt stores a value of the JSON in what v points to, as json.Unmarshal does. Where there is no
// such value, the error is [ErrInvalidArgument].
func (r *Response) DecodeAt(pointer string, v any) error {
	text := r.TextAt(pointer)
	if text == nil {
		return badInput(ErrInvalidArgument, "there is no value at the JSON pointer "+pointer)
	}
	return json.Unmarshal(text, v)
}

// Link is the target of the Link header field (RFC 8288) with a relation, such as "next", as a full
// URL; "" where there is none. [Client.PathOf] makes of it a path to ask for.
func (r *Response) Link(relation string) (url string) {
	r.at(relation, func(c *C.sac_response, relation *C.char) {
		if target := C.sac_response_link(c, relation); target != nil {
			url = C.GoString(target)
		}
	})
	return url
}

// at calls a function with the library's response and a text that C can have.
func (r *Response) at(text string, do func(*C.sac_response, *C.char)) {
	texts, err := newTexts(ErrInvalidArgument, "", text)
	if err != nil {
		return // No member's name and no relation that is asked for has a NUL in it.
	}
	r.held.read(func(c *C.sac_response) { do(c, texts.at(0)) })
}
