package sac

// #include "shim.h"
import "C"

import (
	"encoding/binary"
	"io"
	"net/http/httptrace"
	"strconv"
	"strings"
)

// A Request can be sent any number of times, by several clients and goroutines at once: see [Client.Send].
type Request struct {
	// script is described in shim.h; body contains the bytes of the body.
	script []byte
	body   []byte
	// bodyStep is the step that uses the body; 0 if there is none.
	bodyStep byte
	// output, progress, source and trace belong to the steps of these names and to that of the body.
	output   io.Writer
	progress ProgressFunc
	source   *bodySource
	trace    *httptrace.ClientTrace
	// method and target are the arguments of the constructor.
	method, target string
	// deadline is the request's own, in milliseconds, if hasDeadline.
	deadline    uint64
	hasDeadline bool
}

// A RequestOption changes a request. A function that applies several options is a RequestOption too. A nil
// option does nothing.
type RequestOption func(*Request) error

// NewRequest makes a request. The method is any token, case-sensitive, except CONNECT. The path starts with
// "/", is appended to the client's base path, and may contain a query. Spaces and non-ASCII characters
// become percent-encoded; %XX stays.
//
// Some errors, such as a header field that is not allowed, are only found by the library. The call that
// sends the request returns them.
func NewRequest(method, path string, options ...RequestOption) (*Request, error) {
	r := &Request{script: make([]byte, 0, 128)}
	if err := r.start(C.GOSAC_PATH, method, path, options); err != nil {
		return nil, err
	}
	return r, nil
}

// deadlineOr returns the request's deadline, or the client's if the request has none.
func (r *Request) deadlineOr(clientDeadline uint64) uint64 {
	if r.hasDeadline {
		return r.deadline
	}
	return clientDeadline
}

// start writes the first step and the options.
func (r *Request) start(step byte, method, target string, options []RequestOption) error {
	r.method, r.target = method, target
	if hasNUL(method) {
		return newError(ErrInvalidMethod, "the method contains a NUL byte")
	}
	if err := r.step(step, invalidTarget(step), "the path", method, target); err != nil {
		return err
	}
	for _, option := range options {
		if option == nil {
			continue
		}
		if err := option(r); err != nil {
			return err
		}
	}
	return nil
}

func invalidTarget(step byte) Code {
	if step == C.GOSAC_URL {
		return ErrInvalidURL
	}
	return ErrInvalidPath
}

// methodAndPath names the request in errors, without query and fragment, which may contain data that must
// not be logged.
func (r *Request) methodAndPath() string {
	target := r.target
	if end := strings.IndexAny(target, "?#"); end >= 0 {
		target = target[:end]
	}
	return r.method + " " + target
}

// step writes a step with texts. invalidCode is the code for a text with a NUL byte. what names the step,
// for an error.
func (r *Request) step(step byte, invalidCode Code, what string, texts ...string) error {
	for _, text := range texts {
		if hasNUL(text) {
			return newError(invalidCode, what+" contains a NUL byte")
		}
	}
	r.script = append(r.script, step)
	for _, text := range texts {
		r.script = append(append(r.script, text...), 0)
	}
	return nil
}

// numbers writes a step with numbers.
func (r *Request) numbers(step byte, numbers ...uint64) {
	r.script = append(r.script, step)
	for _, number := range numbers {
		r.number(number)
	}
}

// number writes a number as an argument of a step.
func (r *Request) number(number uint64) {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], number)
	r.script = append(r.script, bytes[:]...)
}

// setBody writes a step that uses the body. It replaces an earlier body of the same kind. It refuses a body
// of another kind, because the library would use the later body for both steps.
func (r *Request) setBody(step byte, body []byte, texts ...string) error {
	if r.bodyStep != 0 && r.bodyStep != step {
		return newError(ErrInvalidArgument, "the request has a body of another kind")
	}
	r.body, r.bodyStep = body, step
	return r.step(step, ErrInvalidHeader, "the content type", texts...)
}

// setSource writes a step that reads the body while it is sent.
func (r *Request) setSource(contentType string, source *bodySource) error {
	if err := r.setBody(C.GOSAC_BODY_READER, nil, contentType); err != nil {
		return err
	}
	r.source = source
	r.number(uint64(source.length))
	r.number(flagNumber(source.canReopen))
	return nil
}

// stepError makes the error for the step at an offset of the script.
func (r *Request) stepError(code Code, offset int) *Error {
	what := ""
	if offset < len(r.script) {
		what = stepName(r.script[offset], r.script[offset+1:])
	}
	return newError(code, what)
}

// stepName names what a step sets. It contains names, but no values, which may be secret.
func stepName(step byte, arguments []byte) string {
	switch step {
	case C.GOSAC_PATH:
		return "the method or the path"
	case C.GOSAC_URL:
		return "the method, or the URL, which must be below the client's base URL"
	case C.GOSAC_HEADER:
		return "the header field " + strconv.Quote(firstText(arguments))
	case C.GOSAC_QUERY:
		return "the query parameter " + strconv.Quote(firstText(arguments))
	case C.GOSAC_FORM_FIELD:
		return "the form field " + strconv.Quote(firstText(arguments))
	case C.GOSAC_JSON:
		return "the JSON to send"
	case C.GOSAC_BODY, C.GOSAC_BODY_FILE, C.GOSAC_BODY_READER:
		return "the body"
	case C.GOSAC_PART, C.GOSAC_PART_FILE:
		return "the part " + strconv.Quote(firstText(arguments))
	case C.GOSAC_OUTPUT_FILE, C.GOSAC_OUTPUT:
		return "the output"
	case C.GOSAC_RECORDS:
		return "the kind of records"
	case C.GOSAC_RAW, C.GOSAC_TRACE:
		return "the trace"
	case C.GOSAC_LAST_EVENT_ID:
		return "the last event ID"
	case C.GOSAC_IDEMPOTENCY_KEY:
		return "the idempotency key"
	}
	return settingName(step)
}

func firstText(arguments []byte) string {
	for end, b := range arguments {
		if b == 0 {
			return string(arguments[:end])
		}
	}
	return ""
}
