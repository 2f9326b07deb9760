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

// newResponse returns an empty response, and memory for the values of its header. For a small response, this
// is one allocation. This is why its header keeps the whole response in memory. The body of a large response can
// be released before the header.
func (c *inFlight) newResponse() (*Response, []string) {
	count := c.result.sizes.count
	switch {
	case bool(c.result.whole) && count <= 8:
		memory := &struct {
			Response
			values [8]string
		}{}
		return &memory.Response, memory.values[:]
	case bool(c.result.whole) && count <= 16:
		memory := &struct {
			Response
			values [16]string
		}{}
		return &memory.Response, memory.values[:]
	}
	return &Response{}, make([]string, count)
}

// goResponse copies the response of the call to Go memory.
func (c *inFlight) goResponse() *Response {
	result := &c.result
	response, values := c.newResponse()
	content := c.content(values)
	response.Code, response.Status = Code(result.code), int(result.status)
	response.Reason, response.Header = content.reason, content.header
	response.Body, response.JSON = content.body, c.copyJSON(&content)
	response.JSONState = JSONState(result.json_state)
	response.Attempts, response.Elapsed = int(result.attempts), time.Duration(result.elapsed_us)*time.Microsecond
	if result.whole {
		return response
	}
	response.links = readLinks(c.response, response.Header["Link"])
	if result.wants_journal {
		response.journal = C.GoString(C.sac_response_journal(c.response))
	}
	return response
}

// content is a copy of the parts of a response that an http.Response has too.
type content struct {
	reason string
	header http.Header // nil if no response arrived
	body   []byte
	json   []byte // the JSON, if the result is whole and the JSON is not the body
}

// content copies parts of the response. If the result is whole, the copy is one allocation. values has an
// element for each header field.
func (c *inFlight) content(values []string) (parts content) {
	fields := c.fields()
	text := make([]byte, len(fields.text))
	copy(text, fields.text)
	end := 0
	if c.result.status != 0 {
		parts.reason, parts.header, end = fields.header(&c.names, unsafeString(text), values)
	}
	if !c.result.whole {
		parts.body = copyBytes(unsafe.Pointer(c.response.body), c.response.body_len)
		return parts
	}
	bodyEnd := end + int(c.result.body_len)
	if bodyEnd > end { // An empty body is nil.
		parts.body = text[end:bodyEnd:bodyEnd]
	}
	parts.json = text[bodyEnd:]
	return parts
}

// unsafeString returns bytes that never change as a string, without copying.
func unsafeString(bytes []byte) string {
	return *(*string)(unsafe.Pointer(&bytes))
}

// copyJSON returns the JSON of a response. Usually it is the body itself, which needs no second copy.
func (c *inFlight) copyJSON(parts *content) json.RawMessage {
	switch {
	case bool(c.result.json_is_body):
		return json.RawMessage(parts.body[:len(parts.body):len(parts.body)])
	case bool(c.result.whole):
		return json.RawMessage(parts.json)
	}
	return json.RawMessage(copyBytes(unsafe.Pointer(c.response.json), c.response.json_len))
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
