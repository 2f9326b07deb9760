package sac

// #include "shim.h"
import "C"

import (
	"bytes"
	"encoding/json"
	"io"
	"unsafe"
)

// jsonText is a value as JSON text, with a NUL behind it that is not part of it: a json.RawMessage as
// it stands, any other value as encoding/json writes it, without the escapes that are there for HTML.
// Bytes and readers are refused.
func jsonText(value any) ([]byte, error) {
	switch raw := value.(type) {
	case json.RawMessage:
		return rawText(raw)
	case *json.RawMessage:
		if raw != nil {
			return rawText(*raw)
		}
	}
	if isText(value) {
		return nil, badInput(ErrInvalidJSON, "bytes and readers are no JSON value: give a json.RawMessage, or a Body")
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, &Error{Code: ErrInvalidJSON, Message: "the value cannot be written as JSON: " + err.Error(), cause: err}
	}
	written := text.Bytes()
	written[len(written)-1] = 0 // in place of the new line that the encoder ends with
	return written, nil
}

// isText says whether a value is meant as the text itself. encoding/json writes bytes as Base64, and
// a reader as its exported fields, mostly {}: nobody who passes one as a whole body wants that.
func isText(value any) bool {
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
		return nil, newError(ErrInvalidJSON, "the JSON holds a NUL byte")
	}
	text := make([]byte, len(raw)+1)
	copy(text, raw)
	return text, nil
}

// withoutNUL is what jsonText has made, without the NUL.
func withoutNUL(text []byte) string {
	return string(text[:len(text)-1])
}

// RepairJSON repairs JSON from anywhere, by the rules by which a response's body is repaired; well
// formed text comes back as it is. The text may be in any encoding that can be told (UTF-8, UTF-16,
// UTF-32, Latin-1). Where nothing can be saved, the error is [ErrNotJSON].
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
