package sac

// #include <sac.h>
import "C"

import "fmt"

// A Code says what came of a call. Each is an error value of its own, so that
//
//	errors.Is(err, sac.ErrTimeout)
//
// holds of any error of this package that has the code.
type Code int32

// Name is the name of the code's constant in C, such as "SAC_ERR_TIMEOUT".
func (c Code) Name() string {
	return C.GoString(C.sac_code_name(C.int32_t(c)))
}

// Error says what the code means, in a sentence.
func (c Code) Error() string {
	return C.GoString(C.sac_code_message(C.int32_t(c)))
}

// A JSONState says how the JSON of a response relates to its body.
type JSONState int32

// String is the state in a word.
func (s JSONState) String() string {
	switch s {
	case JSONNone:
		return "none"
	case JSONExact:
		return "exact"
	case JSONRepaired:
		return "repaired"
	}
	return fmt.Sprintf("JSONState(%d)", int32(s))
}

// A JSONType is the type of a JSON value.
type JSONType int32

// String is the type in a word.
func (t JSONType) String() string {
	switch t {
	case TypeMissing:
		return "missing"
	case TypeNull:
		return "null"
	case TypeBool:
		return "bool"
	case TypeNumber:
		return "number"
	case TypeString:
		return "string"
	case TypeArray:
		return "array"
	case TypeObject:
		return "object"
	}
	return fmt.Sprintf("JSONType(%d)", int32(t))
}

// A Digest is what a signed cookie is signed with.
type Digest int32

// A LogLevel says how much a log line matters, the gravest being the lowest.
type LogLevel int32

// String is the level in a word.
func (l LogLevel) String() string {
	switch l {
	case LogError:
		return "error"
	case LogWarn:
		return "warn"
	case LogInfo:
		return "info"
	case LogDebug:
		return "debug"
	case LogTrace:
		return "trace"
	}
	return fmt.Sprintf("LogLevel(%d)", int32(l))
}
