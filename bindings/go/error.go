package sac

import (
	"errors"
	"strconv"
)

// ErrClientClosed is what a call on a client that has been closed fails with. The error's code is
// [ErrInvalidArgument].
var ErrClientClosed = errors.New("sac: the client has been closed")

// An Error says what went wrong. Every error of this package is one, so that errors.As finds it:
//
//	var failed *sac.Error
//	if errors.As(err, &failed) && failed.Status == http.StatusNotFound { … }
//
// errors.Is compares with codes ([ErrTimeout], [ErrStatus], …). Where a context ended the call,
// errors.Is finds context.Canceled or context.DeadlineExceeded as well, and what context.Cause says.
type Error struct {
	// Code is what went wrong; never OK.
	Code Code
	// Status is the HTTP status; 0 where no response arrived.
	Status int
	// Message says what went wrong, on one line, without secrets. From a status of 400 on these are
	// the server's own words, where it had any.
	Message string
	// Response is what came of the call; nil where the error is not of a call.
	Response *Response

	// call is the method and the path asked for, without the query, which may hold what is not meant
	// for a log; "" where the error is not of a call, or Message names the call itself.
	call  string
	cause error
}

// Error says what went wrong, on one line, without secrets.
func (e *Error) Error() string {
	text := "sac: "
	if e.call != "" {
		text += e.call + ": "
	}
	text += e.Message
	if e.Status != 0 {
		text += " (status " + strconv.Itoa(e.Status) + ")"
	}
	return text
}

// Is says whether target is the error's code.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// Unwrap is what lies behind the error: the context's error where a context ended the call, what a
// function of the caller's returned or panicked with, [ErrClientClosed]; else nil.
func (e *Error) Unwrap() error {
	return e.cause
}

// Timeout says whether time ran out, as net.Error asks for it.
func (e *Error) Timeout() bool {
	return e.Code == ErrTimeout
}

// Temporary is the same as Timeout: it is there since net.Error asks for it.
func (e *Error) Temporary() bool {
	return e.Timeout()
}

// newError is an error that is not of a call. what names the thing that is wrong, "" where the code
// says it all; it must not be a secret.
func newError(code Code, what string) *Error {
	message := code.clause()
	if what != "" {
		message = what + ": " + message
	}
	return &Error{Code: code, Message: message}
}

// badInput is an error that the binding itself finds in what the caller passed in.
func badInput(code Code, message string) *Error {
	return &Error{Code: code, Message: message}
}

// closedError is what anything asked of a closed client answers with.
func closedError() *Error {
	return &Error{Code: ErrInvalidArgument, Message: "the client has been closed", cause: ErrClientClosed}
}
