package sac

// #include "shim.h"
import "C"

import (
	"bytes"
	"encoding/json"
	"io"
	"unsafe"
)

// jsonText encodes a value as JSON text, followed by a NUL: a json.RawMessage unchanged, any other value as
// encoding/json encodes it, without HTML escapes. It refuses bytes and readers.
func jsonText(value any) ([]byte, error) {
	switch raw := value.(type) {
	case json.RawMessage:
		return rawText(raw)
	case *json.RawMessage:
		if raw != nil {
			return rawText(*raw)
		}
	}
	if isRawInput(value) {
		return nil, inputError(ErrInvalidJSON, "bytes and readers are not JSON values: use json.RawMessage, Body or BodyReader")
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, &Error{Code: ErrInvalidJSON, Message: "the value cannot be encoded as JSON: " + err.Error(), cause: err}
	}
	encoded := text.Bytes()
	encoded[len(encoded)-1] = 0 // replaces the line break that the encoder adds
	return encoded, nil
}

// isRawInput reports whether a value is probably meant as the body itself. encoding/json would encode bytes
// as Base64, and a reader as its exported fields, usually {}.
func isRawInput(value any) bool {
	switch value.(type) {
	case json.Marshaler:
		return false
	case []byte, io.Reader:
		return true
	}
	return false
}

func rawText(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, 0) >= 0 {
		return nil, newError(ErrInvalidJSON, "the JSON contains a NUL byte")
	}
	text := make([]byte, len(raw)+1)
	copy(text, raw)
	return text, nil
}

// trimNUL removes the NUL from a result of jsonText.
func trimNUL(text []byte) string {
	return string(text[:len(text)-1])
}

// RepairJSON repairs JSON from any source, by the same rules as the body of a response. It returns
// well-formed text unchanged. It detects the encoding: UTF-8, UTF-16, UTF-32 or Latin-1. If the text cannot
// be repaired, the error is [ErrNotJSON].
func RepairJSON(text []byte) (json.RawMessage, error) {
	var start *C.char
	if len(text) > 0 {
		start = (*C.char)(unsafe.Pointer(&text[0]))
	}
	var out *C.char
	if err := errorOf(C.sac_json_repair(start, C.size_t(len(text)), &out), ""); err != nil {
		return nil, err
	}
	return json.RawMessage(takeString(out)), nil
}
