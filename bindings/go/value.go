package sac

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The methods below read a value of the response's JSON by a JSON pointer (RFC 6901): "" is the
// whole, "/items/0/name" a member of the first element of a member. Each looks through the text from
// its beginning; to read much of a large one, Decode it.

// TypeAt is the type of a value; TypeMissing where there is none.
func (r *Response) TypeAt(pointer string) JSONType {
	return typeOf(find(r.JSON, pointer))
}

func typeOf(value []byte) JSONType {
	if len(value) == 0 {
		return TypeMissing
	}
	switch value[0] {
	case 'n':
		return TypeNull
	case 't', 'f':
		return TypeBool
	case '"':
		return TypeString
	case '[':
		return TypeArray
	case '{':
		return TypeObject
	}
	return TypeNumber
}

// StringAt is a string, with its escapes undone; false where there is no such value or it is no
// string.
func (r *Response) StringAt(pointer string) (value string, ok bool) {
	text := find(r.JSON, pointer)
	if typeOf(text) != TypeString {
		return "", false
	}
	return unquoted(text), true
}

// IntAt is an integer; false where there is no such value, or it is no integer that fits an int64:
// 1e3 and 5.0 are integers, and nothing is rounded.
func (r *Response) IntAt(pointer string) (value int64, ok bool) {
	text := find(r.JSON, pointer)
	if typeOf(text) != TypeNumber {
		return 0, false
	}
	return exactInt(string(text))
}

// FloatAt is a number, rounded to the nearest float64; false where there is no such value, or it is
// no number or beyond the range of a float64.
func (r *Response) FloatAt(pointer string) (value float64, ok bool) {
	text := find(r.JSON, pointer)
	if typeOf(text) != TypeNumber {
		return 0, false
	}
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, false
	}
	return value, true
}

// BoolAt is a boolean; ok is false where there is no such value, or it is neither true nor false.
func (r *Response) BoolAt(pointer string) (value, ok bool) {
	text := find(r.JSON, pointer)
	return string(text) == "true", typeOf(text) == TypeBool
}

// LenAt is the number of elements of an array, or of members of an object; 0 where there is no such
// value or it is neither.
func (r *Response) LenAt(pointer string) (length int) {
	text := find(r.JSON, pointer)
	if kind := typeOf(text); kind == TypeArray || kind == TypeObject {
		eachPart(text, func([]byte) bool {
			length++
			return true
		})
	}
	return length
}

// TextAt is the JSON text of a value as it stands: a number with its own digits, an object as a
// whole; nil where there is no such value. It shares its memory with JSON.
func (r *Response) TextAt(pointer string) json.RawMessage {
	text := find(r.JSON, pointer)
	return json.RawMessage(text[:len(text):len(text)])
}

// DecodeAt stores a value of the JSON in what v points to, as json.Unmarshal does. Where there is no
// such value, the error is [ErrInvalidArgument].
func (r *Response) DecodeAt(pointer string, v any) error {
	text := find(r.JSON, pointer)
	if text == nil {
		return badInput(ErrInvalidArgument, "there is no value at the JSON pointer "+pointer)
	}
	return json.Unmarshal(text, v)
}

// exactInt is the integer that a JSON number is, exact or not at all.
func exactInt(number string) (int64, bool) {
	mantissa, exponent := number, "0"
	if at := strings.IndexAny(number, "eE"); at >= 0 {
		mantissa, exponent = number[:at], number[at+1:]
	}
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if strings.TrimRight(digits, "0") == "" {
		return 0, true
	}
	// The number is digits · 10^power.
	power, err := strconv.ParseInt(exponent, 10, 32)
	if err != nil {
		return 0, false // no integer, or far too large
	}
	power -= int64(len(fraction))
	for ; power < 0 && strings.HasSuffix(digits, "0"); power++ {
		digits = digits[:len(digits)-1]
	}
	if power < 0 || power > 19 { // No int64 has more than 19 digits.
		return 0, false
	}
	value, err := strconv.ParseInt(sign+digits+strings.Repeat("0", int(power)), 10, 64)
	return value, err == nil
}
