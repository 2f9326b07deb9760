package sac

// #include "shim.h"
import "C"

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unsafe"
)

// A Response is the result of a call: ordinary Go memory, which needs no cleanup. It does not change, and
// any number of goroutines may read it.
type Response struct {
	// Code is OK, or what went wrong.
	Code Code
	// Status is the HTTP status; 0 if no response arrived.
	Status int
	// Reason is the reason phrase of the status line as the server sent it; "" if there is none.
	Reason string
	// Header contains the header fields; nil if no response arrived.
	Header http.Header
	// JSON is always well-formed: the body if it is JSON (repaired if necessary), "{}" if there is no body,
	// or an object with a string "error" after a failure. It may share its memory with Body.
	JSON json.RawMessage
	// JSONState describes how JSON relates to Body.
	JSONState JSONState
	// Body is the body as received, with the content coding decoded.
	Body []byte
	// Attempts is the number of requests sent, without redirects.
	Attempts int
	// Elapsed is the duration of the whole call, including delays.
	Elapsed time.Duration

	journal string            // as the library writes it; "" if it is not kept
	links   map[string]string // the targets of the Link header field, by relation in lower case
}

// Decode stores the JSON in the value that v points to, as json.Unmarshal does.
func (r *Response) Decode(v any) error {
	return json.Unmarshal(r.JSON, v)
}

// Link returns the target of the Link header field (RFC 8288) with a relation, such as "next", as a full
// URL; "" if there is none. The relation is case-insensitive. [Client.PathOf] converts the URL to a path for
// the client.
func (r *Response) Link(relation string) string {
	return r.links[strings.ToLower(relation)]
}

// goResponse copies the response of the call to Go memory.
func (c *inFlight) goResponse() *Response {
	raw := c.response
	body := copyBytes(unsafe.Pointer(raw.body), raw.body_len)
	reason, header := c.header()
	response := &Response{
		Code:      Code(raw.code),
		Status:    int(raw.status),
		Reason:    reason,
		Header:    header,
		JSON:      copyJSON(raw, body),
		JSONState: JSONState(raw.json_state),
		Body:      body,
		Attempts:  int(raw.attempts),
		Elapsed:   time.Duration(raw.elapsed_us) * time.Microsecond,
	}
	response.links = readLinks(raw, response.Header["Link"])
	if c.journal || response.Attempts != 1 || response.Code != OK {
		response.journal = C.GoString(C.sac_response_journal(raw))
	}
	return response
}

// copyJSON returns the JSON of a response. Usually it is the body itself, which needs no second copy.
func copyJSON(c *C.sac_response, body []byte) json.RawMessage {
	if unsafe.Pointer(c.json) == unsafe.Pointer(c.body) && c.json_len == c.body_len {
		return json.RawMessage(body[:len(body):len(body)])
	}
	return json.RawMessage(copyBytes(unsafe.Pointer(c.json), c.json_len))
}

// readLinks asks the library for the target of each word of the field that could be a relation. The library
// decides which words are relations.
func readLinks(c *C.sac_response, values []string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	links := make(map[string]string)
	for _, value := range values {
		for _, word := range strings.FieldsFunc(value, isRelationDelimiter) {
			word = strings.ToLower(word)
			if _, known := links[word]; known || hasNUL(word) {
				continue
			}
			text := append([]byte(word), 0)
			if target := C.sac_response_link(c, (*C.char)(unsafe.Pointer(&text[0]))); target != nil {
				links[word] = C.GoString(target)
			}
		}
	}
	return links
}

// isRelationDelimiter reports whether a character delimits relations (RFC 8288 section 3). Only relations
// that are URIs could contain one.
func isRelationDelimiter(character rune) bool {
	return strings.ContainsRune(" \t\"=;,<>", character)
}

// errorResponse makes the response to a call that was not sent, because the binding or the library refused
// it.
func errorResponse(err error) (*Response, error) {
	failed, ok := err.(*Error)
	if !ok { // from a RequestOption of the caller
		failed = &Error{Code: ErrInvalidArgument, Message: err.Error(), cause: err}
	}
	failed.Response = &Response{Code: failed.Code, JSON: errorJSON(failed.Message)}
	return failed.Response, failed
}

// errorJSON returns the JSON that the library writes for an error.
func errorJSON(message string) json.RawMessage {
	text, err := jsonText(map[string]string{"error": message})
	if err != nil {
		return json.RawMessage(`{"error":"unknown"}`)
	}
	return json.RawMessage(text[:len(text)-1])
}
