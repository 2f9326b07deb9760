package main

import (
	"encoding/json"

	"libsac/sac"
)

// value compares the value at a pointer.
func (c *checker) value(v *value, response *sac.Response) {
	at := v.Pointer
	same(c, "the type at "+at, v.Type, response.TypeAt(at).String())
	same(c, "the length at "+at, v.Length, response.LenAt(at))

	text, isString := response.StringAt(at)
	sameValue(c, "the string at "+at, v.String, text, isString)
	raw := response.TextAt(at)
	sameValue(c, "the text at "+at, v.Text, string(raw), raw != nil)
	integer, isInt := response.IntAt(at)
	sameValue(c, "the integer at "+at, v.Int64, integer, isInt)
	number, isNumber := response.FloatAt(at)
	sameValue(c, "the number at "+at, v.Double, number, isNumber)
	truth, isBool := response.BoolAt(at)
	sameValue(c, "the boolean at "+at, v.Bool, truth, isBool)
}

// sameValue compares a value. An expected null means that there is no value of this type.
func sameValue[T comparable](c *checker, what string, wanted json.RawMessage, actual T, there bool) {
	if len(wanted) == 0 {
		return
	}
	var value *T
	if err := json.Unmarshal(wanted, &value); err != nil {
		c.fault("%s has an expected value of another type: %s", what, wanted)
		return
	}
	if there != (value != nil) || (there && *value != actual) {
		c.fault("%s is %v (found: %v) instead of %s", what, actual, there, wanted)
	}
}
