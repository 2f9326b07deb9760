package sac

import (
	"errors"
	"strconv"
)

// ErrClientClosed is the cause of the error of a call on a closed client. The error's code is
// [ErrInvalidArgument].
var ErrClientClosed = errors.New("sac: the client is closed")

// An Error describes what went wrong. Every error of this package is an Error, so errors.As finds it:
//
//	var failed *sac.Error
//	if errors.As(err, &failed) && failed.Status == http.StatusNotFound { … }
//
// errors.Is compares with codes ([ErrTimeout], [ErrStatus], …). If a context ended the call, errors.Is also
// finds context.Canceled or context.DeadlineExceeded, and the error that context.Cause returns.
type Error struct {
	// Code is what went wrong; never OK.
	Code Code
	// Status is the HTTP status; 0 if no response arrived.
	Status int
	// Message describes the error on one line, without secrets. For a status of 400 or above, it is the
	// server's message, if the response contains one.
	Message string
	// Response is the response of the call; nil if the error is not about a call.
	Response *Response

	// request is the method and the path, without the query, which may contain data that must not be
	// logged; "" if the error is not about a call, or if Message already names the request.
	request string
	cause   error
}

// Error describes the error on one line, without secrets.
func (e *Error) Error() string {
	text := "sac: "
	if e.request != "" {
		text += e.request + ": "
	}
	text += e.Message
	if e.Status != 0 {
		text += " (status " + strconv.Itoa(e.Status) + ")"
	}
	return text
}

// Is reports whether target is the error's code.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// Unwrap returns the cause: the context's error if a context ended the call, the error that a callback, a reader
// or a writer returned or panicked with, io.ErrUnexpectedEOF if the body of a [Stream] was cut, [ErrClientClosed],
// or [ErrStreamClosed]; otherwise nil.
func (e *Error) Unwrap() error {
	return e.cause
}

// Timeout reports whether time ran out. It is a method of net.Error.
func (e *Error) Timeout() bool {
	return e.Code == ErrTimeout
}

// Temporary is the same as Timeout. It is a method of net.Error.
func (e *Error) Temporary() bool {
	return e.Timeout()
}

// newError makes an error that is not about a call. what names the subject, and must not be secret; "" if
// the code says enough.
func newError(code Code, what string) *Error {
	message := code.clause()
	if what != "" {
		message = what + ": " + message
	}
	return &Error{Code: code, Message: message}
}

// inputError makes an error for invalid input that the binding itself finds.
func inputError(code Code, message string) *Error {
	return &Error{Code: code, Message: message}
}

// closedError makes the error for an operation on a closed client.
func closedError() *Error {
	return &Error{Code: ErrInvalidArgument, Message: "the client is closed", cause: ErrClientClosed}
}
