package sac

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The methods below read a value of the response's JSON by a JSON pointer (RFC 6901): "" is the whole value,
// "/items/0/name" the member "name" of the first element of the member "items". Each call scans the text
// from the start. To read many values of a large text, decode it.

// TypeAt returns the type of a value; TypeMissing if there is none.
func (r *Response) TypeAt(pointer string) JSONType {
	return typeOf(findValue(r.JSON, pointer))
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

// StringAt returns a string, with its escapes decoded; false if there is no such value, or it is not a
// string.
func (r *Response) StringAt(pointer string) (value string, ok bool) {
	text := findValue(r.JSON, pointer)
	if typeOf(text) != TypeString {
		return "", false
	}
	return unquote(text), true
}

// IntAt returns an integer; false if there is no such value, or it is not an integer that fits an int64. 1e3
// and 5.0 are integers. Nothing is rounded.
func (r *Response) IntAt(pointer string) (value int64, ok bool) {
	text := findValue(r.JSON, pointer)
	if typeOf(text) != TypeNumber {
		return 0, false
	}
	return exactInt(string(text))
}

// FloatAt returns a number, rounded to the nearest float64; false if there is no such value, it is not a
// number, or it is outside the range of a float64.
func (r *Response) FloatAt(pointer string) (value float64, ok bool) {
	text := findValue(r.JSON, pointer)
	if typeOf(text) != TypeNumber {
		return 0, false
	}
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, false
	}
	return value, true
}

// BoolAt returns a boolean; ok is false if there is no such value, or it is neither true nor false.
func (r *Response) BoolAt(pointer string) (value, ok bool) {
	text := findValue(r.JSON, pointer)
	return string(text) == "true", typeOf(text) == TypeBool
}

// LenAt returns the number of elements of an array, or of members of an object; 0 if there is no such value,
// or it is neither.
func (r *Response) LenAt(pointer string) (length int) {
	text := findValue(r.JSON, pointer)
	if kind := typeOf(text); kind == TypeArray || kind == TypeObject {
		eachItem(text, func([]byte) bool {
			length++
			return true
		})
	}
	return length
}

// TextAt returns the JSON text of a value unchanged, for example a number with all its digits, or a whole
// object; nil if there is no such value. It shares its memory with JSON.
func (r *Response) TextAt(pointer string) json.RawMessage {
	text := findValue(r.JSON, pointer)
	return json.RawMessage(text[:len(text):len(text)])
}

// DecodeAt stores a value of the JSON in the value that v points to, as json.Unmarshal does. If there is no
// such value, the error is [ErrInvalidArgument].
func (r *Response) DecodeAt(pointer string, v any) error {
	text := findValue(r.JSON, pointer)
	if text == nil {
		return inputError(ErrInvalidArgument, "there is no value at the JSON pointer "+pointer)
	}
	return json.Unmarshal(text, v)
}

// exactInt converts a JSON number to an integer; false if it is not exactly one.
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
		return 0, false // not an integer, or far too large
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
