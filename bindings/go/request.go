package sac

// #include "shim.h"
import "C"

import (
	"encoding/binary"
	"io"
	"strconv"
	"strings"
)

// A Request can be sent any number of times, by several goroutines at once: see [Client.Send]. It is
// the same whichever client sends it.
type Request struct {
	// script is what shim.h describes; body are the bytes that belong to it.
	script []byte
	body   []byte
	// bodyStep is the step that takes the body; 0 where there is none.
	bodyStep byte
	// output and progress are what the steps of these names lead to.
	output   io.Writer
	progress ProgressFunc
	// method and target are what it was made with.
	method, target string
	// deadline is the request's own, in milliseconds, where it has one.
	deadline    uint64
	hasDeadline bool
}

// A RequestOption sets something on a request. A function that applies several is one too; a nil one
// sets nothing.
type RequestOption func(*Request) error

// NewRequest makes a request. The method is any token, case-sensitive, but not CONNECT. The path
// starts with "/", goes behind the client's base path, and may hold a query; spaces and non-ASCII
// characters are percent-encoded, %XX is kept.
//
// What only the library can tell, such as whether a header field is allowed, is told by the call that
// sends the request.
func NewRequest(method, path string, options ...RequestOption) (*Request, error) {
	r := &Request{script: make([]byte, 0, 128)}
	if err := r.begin(C.GOSAC_PATH, method, path, options); err != nil {
		return nil, err
	}
	return r, nil
}

// ownDeadline is the request's deadline, or else the client's.
func (r *Request) ownDeadline(ofClient uint64) uint64 {
	if r.hasDeadline {
		return r.deadline
	}
	return ofClient
}

// begin writes the first step and the options.
func (r *Request) begin(step byte, method, target string, options []RequestOption) error {
	r.method, r.target = method, target
	if hasNUL(method) {
		return newError(ErrInvalidMethod, "the method holds a NUL byte")
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

// call is what errors call a request: query and fragment may hold what is not meant for a log.
func (r *Request) call() string {
	target := r.target
	if end := strings.IndexAny(target, "?#"); end >= 0 {
		target = target[:end]
	}
	return r.method + " " + target
}

// step writes a step with texts. notText is the code for a text that C cannot have, and what names
// the thing.
func (r *Request) step(step byte, notText Code, what string, texts ...string) error {
	for _, text := range texts {
		if hasNUL(text) {
			return newError(notText, what+" holds a NUL byte")
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

// number writes a number that belongs to a step.
func (r *Request) number(number uint64) {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], number)
	r.script = append(r.script, bytes[:]...)
}

// setBody writes a step that takes the body, in place of an earlier one of its kind. A body of another
// kind is refused here and not by the library: both steps would be given the later body.
func (r *Request) setBody(step byte, body []byte, texts ...string) error {
	if r.bodyStep != 0 && r.bodyStep != step {
		return newError(ErrInvalidArgument, "the request has a body of another kind")
	}
	r.body, r.bodyStep = body, step
	return r.step(step, ErrInvalidHeader, "the content type", texts...)
}

// refused is the error for the step that begins at an offset of the script.
func (r *Request) refused(code Code, offset int) *Error {
	what := ""
	if offset < len(r.script) {
		what = stepName(r.script[offset], r.script[offset+1:])
	}
	return newError(code, what)
}

// stepName says what a step sets. Names are told, values never: they may be secret.
func stepName(step byte, arguments []byte) string {
	switch step {
	case C.GOSAC_PATH:
		return "the method or the path"
	case C.GOSAC_URL:
		return "the method, or the URL, which has to be below the client's base URL"
	case C.GOSAC_HEADER:
		return "the header field " + strconv.Quote(firstText(arguments))
	case C.GOSAC_QUERY:
		return "the query parameter " + strconv.Quote(firstText(arguments))
	case C.GOSAC_FORM_FIELD:
		return "the form field " + strconv.Quote(firstText(arguments))
	case C.GOSAC_JSON:
		return "the JSON to send"
	case C.GOSAC_BODY, C.GOSAC_BODY_FILE:
		return "the body"
	case C.GOSAC_PART, C.GOSAC_PART_FILE:
		return "the part " + strconv.Quote(firstText(arguments))
	case C.GOSAC_OUTPUT_FILE, C.GOSAC_OUTPUT:
		return "the output"
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
