package sac

// #include "shim.h"
import "C"

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
	"unsafe"
)

// A Response is what came of a call. It is not changed once it is there.
//
// Its fields are Go's own. What its methods read (Link, Journal, the values at a JSON pointer) they
// read from the library's response, which is freed with this one by the garbage collector, or by
// Close. Where there is none, as for a call that was refused before it began, they find nothing.
type Response struct {
	// Code is OK, or what went wrong.
	Code Code
	// Status is the HTTP status; 0 where no response arrived.
	Status int
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

	held *held
}

// Decode stores the JSON in the value that v points to, as json.Unmarshal does.
func (r *Response) Decode(v any) error {
	return json.Unmarshal(r.JSON, v)
}

// Close frees the library's response, which the garbage collector would do later. The fields stay as
// they are; Link, Journal and the values answer from then on as if there were none. Nothing depends
// on it but memory: it is worth calling for large bodies.
func (r *Response) Close() {
	r.held.free()
}

// held is a response of the library's, which lives until it is freed or forgotten. A nil one is like
// one that has been freed.
type held struct {
	mu      sync.RWMutex
	pointer *C.sac_response
	cleanup cleanup
}

func hold(pointer *C.sac_response) *held {
	h := &held{pointer: pointer}
	h.cleanup = onForgotten(h, func() { C.sac_response_free(pointer) })
	return h
}

func (h *held) free() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pointer != nil {
		disarm(h, h.cleanup)
		C.sac_response_free(h.pointer)
		h.pointer = nil
	}
}

// read gives a function the library's response, which is not freed as long as the function runs.
// false where it has been freed.
func (h *held) read(do func(*C.sac_response)) bool {
	if h == nil {
		return false
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.pointer == nil {
		return false
	}
	do(h.pointer)
	return true
}

// response takes over what the call has brought back.
func (x *exchange) response() *Response {
	c := x.answer.response
	body := copyOf(unsafe.Pointer(c.body), c.body_len)
	return &Response{
		Code:      Code(c.code),
		Status:    int(c.status),
		Header:    x.header(),
		JSON:      jsonOf(c, body),
		JSONState: JSONState(c.json_state),
		Body:      body,
		Attempts:  int(c.attempts),
		Elapsed:   time.Duration(c.elapsed_us) * time.Microsecond,
		held:      hold(c),
	}
}

// jsonOf is the JSON of a response: the body itself where it is that, as it mostly is.
func jsonOf(c *C.sac_response, body []byte) json.RawMessage {
	if unsafe.Pointer(c.json) == unsafe.Pointer(c.body) && c.json_len == c.body_len {
		return json.RawMessage(body[:len(body):len(body)])
	}
	return json.RawMessage(copyOf(unsafe.Pointer(c.json), c.json_len))
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
