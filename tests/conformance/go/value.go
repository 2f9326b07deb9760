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
	whole, isInt := response.IntAt(at)
	sameValue(c, "the integer at "+at, v.Int64, whole, isInt)
	number, isNumber := response.FloatAt(at)
	sameValue(c, "the number at "+at, v.Double, number, isNumber)
	truth, isBool := response.BoolAt(at)
	sameValue(c, "the boolean at "+at, v.Bool, truth, isBool)
}

// sameValue compares a value. null means that there must be none.
func sameValue[T comparable](c *checker, what string, want json.RawMessage, actual T, found bool) {
	if len(want) == 0 {
		return
	}
	var value *T
	if err := json.Unmarshal(want, &value); err != nil {
		c.fault("the case expects %s to be %s, which is the wrong type", what, want)
		return
	}
	if found != (value != nil) || (found && *value != actual) {
		c.fault("%s is %v (found: %v) instead of %s", what, actual, found, want)
	}
}
