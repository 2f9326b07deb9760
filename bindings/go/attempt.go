package sac

// #include "shim.h"
import "C"

import (
	"context"
	"runtime/cgo"
	"strconv"
	"unsafe"
)

// An OutgoingRequest is a request that is about to be sent, for an [AttemptFunc]. It is valid until the function
// returns; after that, its methods return nothing. It is for one goroutine at a time.
type OutgoingRequest struct {
	pointer *C.sac_attempt // nil after the function has returned
}

// An AttemptFunc is called before each request that goes out, after all delays: the first one of a call,
// each retry, and each redirect. It may set header fields, for example a signature. If it returns an error,
// the call ends with [ErrCancelled], and the error wraps the function's error, unless that is ErrCancelled. ctx is the context of the
// call. The goroutine that makes the call calls the function; several goroutines may call it at once. If it
// panics, the call ends with [ErrInternal], and the error contains the value of the panic.
type AttemptFunc func(ctx context.Context, request *OutgoingRequest) error

// Method returns the method.
func (r *OutgoingRequest) Method() string {
	return C.GoString(C.sac_attempt_method(r.pointer))
}

// URL returns the full URL with its query, which may contain secrets.
func (r *OutgoingRequest) URL() string {
	return C.GoString(C.sac_attempt_url(r.pointer))
}

// Target returns the path and the query as they are sent.
func (r *OutgoingRequest) Target() string {
	return C.GoString(C.sac_attempt_target(r.pointer))
}

// Number returns the number of the attempt in its call, from 1, as in the [Response.Journal]. A redirect
// does not begin a new attempt.
func (r *OutgoingRequest) Number() int {
	return int(C.sac_attempt_number(r.pointer))
}

// Header returns the value of a header field as it will be sent, with cookies, credentials, Host and
// Content-Length; "" if there is no such field. Upper and lower case do not matter.
func (r *OutgoingRequest) Header(name string) string {
	text, err := newCStrings(ErrInvalidHeader, "", name)
	if err != nil {
		return ""
	}
	return C.GoString(C.sac_attempt_header(r.pointer, text.at(0)))
}

// Body returns a copy of the body, and whether it lies in memory in one piece. A file, a body from a reader
// and a form with parts do not.
func (r *OutgoingRequest) Body() (body []byte, ok bool) {
	var length C.size_t
	bytes := C.sac_attempt_body(r.pointer, &length)
	if bytes == nil {
		return nil, false
	}
	return append([]byte{}, viewBytes(unsafe.Pointer(bytes), length)...), true
}

// BodySHA256 returns the SHA-256 of the body in hexadecimal, in small letters, also of a file, and of a body
// from a reader that can begin again: these are read once more. It returns "" if the hash cannot be known.
func (r *OutgoingRequest) BodySHA256() string {
	return C.GoString(C.sac_attempt_body_sha256(r.pointer))
}

// SetHeader sets a header field for this request alone, or replaces it. A retry and a redirect start without
// it. No log line and no error text contains the value. It refuses the fields that [WithHeader] refuses.
func (r *OutgoingRequest) SetHeader(name, value string) error {
	what := "the header field " + strconv.Quote(name)
	texts, err := newCStrings(ErrInvalidHeader, what, name, value)
	if err != nil {
		return err
	}
	defer texts.wipe()
	return errorOf(C.sac_attempt_set_header(r.pointer, texts.at(0), texts.at(1)), what)
}

//export goSacAttempt
func goSacAttempt(function, handle C.uintptr_t, pointer *C.sac_attempt) C.bool {
	call := callbackContextOf(handle)
	return C.bool(call.recoverPanic("the AttemptFunc", func() bool {
		request := &OutgoingRequest{pointer: pointer}
		defer func() { request.pointer = nil }()
		beforeAttempt := cgo.Handle(function).Value().(AttemptFunc)
		if err := beforeAttempt(call.ctx, request); err != nil {
			if err != ErrCancelled {
				call.ioErr = err
			}
			return false
		}
		return true
	}))
}

// WithAttemptFunc sets the function that is called before each request that goes out; nil, the default, for
// none. Later clones use the function too. It is kept until the client and these clones are closed, even
// after another function is set.
func WithAttemptFunc(beforeAttempt AttemptFunc) Option {
	return func(c *Client) error {
		setter := func(core *core, handle C.uintptr_t) C.sac_code {
			return C.gosac_set_attempt_callback(core.pointer, handle)
		}
		if beforeAttempt == nil {
			return c.setCallback("WithAttemptFunc", nil, setter)
		}
		return c.setCallback("WithAttemptFunc", beforeAttempt, setter)
	}
}
