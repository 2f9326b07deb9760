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

// A Response is what came of a call: plain memory of Go's, which nothing has to be done about. It is
// not changed once it is there, and any number of goroutines may read it.
type Response struct {
	// Code is OK, or what went wrong.
	Code Code
	// Status is the HTTP status; 0 where no response arrived.
	Status int
	// Reason is the reason phrase of the status line as the server sent it; "" where there is none.
	Reason string
	// Header has the header fields; nil where no response arrived.
	Header http.Header
	// JSON is always well-formed: the body where that is JSON (repaired where it had to be), "{}" where
	// there is no body, an object with a string "error" where something went wrong. It may share its
	// memory with Body.
	JSON json.RawMessage
	// JSONState says how JSON relates to Body.
	JSONState JSONState
	// Body is the body as received, with content coding undone.
	Body []byte
	// Attempts counts the requests put on the wire, redirect hops not counted; 0 where none was.
	Attempts int
	// Elapsed is how long the whole call took, waits included.
	Elapsed time.Duration

	journal string            // as the library writes it; "" where it has not been asked for
	links   map[string]string // the targets of the Link header field, by relation in lower case
}

// Decode stores the JSON in the value that v points to, as json.Unmarshal does.
func (r *Response) Decode(v any) error {
	return json.Unmarshal(r.JSON, v)
}

// Link is the target of the Link header field (RFC 8288) with a relation, such as "next", in any
// case, as a full URL; "" where there is none. [Client.PathOf] makes of it a path to ask for.
func (r *Response) Link(relation string) string {
	return r.links[strings.ToLower(relation)]
}

// response copies what the call has brought back.
func (x *exchange) response() *Response {
	c := x.reply
	body := copyOf(unsafe.Pointer(c.body), c.body_len)
	reason, header := x.head()
	response := &Response{
		Code:      Code(c.code),
		Status:    int(c.status),
		Reason:    reason,
		Header:    header,
		JSON:      jsonOf(c, body),
		JSONState: JSONState(c.json_state),
		Body:      body,
		Attempts:  int(c.attempts),
		Elapsed:   time.Duration(c.elapsed_us) * time.Microsecond,
	}
	response.links = linksOf(c, response.Header["Link"])
	if x.journal || response.Attempts != 1 || response.Code != OK {
		response.journal = C.GoString(C.sac_response_journal(c))
	}
	return response
}

// jsonOf is the JSON of a response: the body itself where it is that, as it mostly is.
func jsonOf(c *C.sac_response, body []byte) json.RawMessage {
	if unsafe.Pointer(c.json) == unsafe.Pointer(c.body) && c.json_len == c.body_len {
		return json.RawMessage(body[:len(body):len(body)])
	}
	return json.RawMessage(copyOf(unsafe.Pointer(c.json), c.json_len))
}

// linksOf asks the library for the target of each word of the field that could be a relation: what is
// one, and where it leads, is for the library to say.
func linksOf(c *C.sac_response, values []string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	links := make(map[string]string)
	for _, value := range values {
		for _, word := range strings.FieldsFunc(value, betweenRelations) {
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

// betweenRelations are the characters that stand around a relation (RFC 8288 section 3), and in none
// that is not a URI.
func betweenRelations(character rune) bool {
	return strings.ContainsRune(" \t\"=;,<>", character)
}

// failed is the answer to a call that was never made, since the binding or the library refused it.
func failed(err error) (*Response, error) {
	reason, ok := err.(*Error)
	if !ok { // from a RequestOption of the caller's own
		reason = &Error{Code: ErrInvalidArgument, Message: err.Error(), cause: err}
	}
	reason.Response = &Response{Code: reason.Code, JSON: errorJSON(reason.Message)}
	return reason.Response, reason
}

// errorJSON is what the library itself writes where something went wrong.
func errorJSON(message string) json.RawMessage {
	text, err := jsonText(map[string]string{"error": message})
	if err != nil {
		return json.RawMessage(`{"error":"unknown"}`)
	}
	return json.RawMessage(text[:len(text)-1])
}
