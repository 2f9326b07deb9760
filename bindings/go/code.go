package sac

// #include <sac.h>
import "C"

import (
	"fmt"
	"strings"
	"unicode"
)

// A Code is the result of a call. Each code is an error value, so that
//
//	errors.Is(err, sac.ErrTimeout)
//
// is true for each error of this package with that code.
type Code int32

// Name returns the name of the code's constant in C, such as "SAC_ERR_TIMEOUT".
func (c Code) Name() string {
	return C.GoString(C.sac_code_name(C.int32_t(c)))
}

// Error describes the code.
func (c Code) Error() string {
	return "sac: " + c.clause()
}

// clause returns the library's sentence for the code, for use within another sentence: without the full
// stop, and with a small first letter, unless the first word is in capitals.
func (c Code) clause() string {
	sentence := strings.TrimSuffix(C.GoString(C.sac_code_message(C.int32_t(c))), ".")
	if len(sentence) > 1 && !unicode.IsUpper(rune(sentence[1])) {
		return strings.ToLower(sentence[:1]) + sentence[1:]
	}
	return sentence
}

// A JSONState describes how the JSON of a response relates to its body.
type JSONState int32

// String returns the state as a word.
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

// String returns the type as a word.
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

// A Digest is the hash function of a signed cookie.
type Digest int32

// A WebhookScheme says how the sender of a webhook signs it.
type WebhookScheme int32

// A LogLevel is the importance of a log line. The most important level has the lowest number.
type LogLevel int32

// String returns the level as a word.
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
