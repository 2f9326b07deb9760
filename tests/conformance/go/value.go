package main

import (
	"encoding/json"

	"libsac/sac"
)

// value compares what is read at a pointer.
func (j *jury) value(v *value, response *sac.Response) {
	at := v.Pointer
	same(j, "the type at "+at, v.Type, response.TypeAt(at).String())
	same(j, "the length at "+at, v.Length, response.LenAt(at))

	text, isString := response.StringAt(at)
	sameValue(j, "the string at "+at, v.String, text, isString)
	raw := response.TextAt(at)
	sameValue(j, "the text at "+at, v.Text, string(raw), raw != nil)
	whole, isInt := response.IntAt(at)
	sameValue(j, "the integer at "+at, v.Int64, whole, isInt)
	number, isNumber := response.FloatAt(at)
	sameValue(j, "the number at "+at, v.Double, number, isNumber)
	truth, isBool := response.BoolAt(at)
	sameValue(j, "the boolean at "+at, v.Bool, truth, isBool)
}

// sameValue: where null is expected, there is nothing to be had.
func sameValue[T comparable](j *jury, what string, wanted json.RawMessage, actual T, there bool) {
	if len(wanted) == 0 {
		return
	}
	var value *T
	if err := json.Unmarshal(wanted, &value); err != nil {
		j.fault("%s is expected to be %s, which it cannot be", what, wanted)
		return
	}
	if there != (value != nil) || (there && *value != actual) {
		j.fault("%s is %v (there: %v) instead of %s", what, actual, there, wanted)
	}
}
