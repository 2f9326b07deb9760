package sac

// #include "shim.h"
import "C"

import (
	"io"
	"net/http"
	"strconv"
	"unsafe"
)

// httpResponse is what came of the call as net/http has it. The body stays where the library has it
// until it is read.
func (x *exchange) httpResponse(request *http.Request, r *Request) (*http.Response, error) {
	c := x.answer.response
	held := hold(c)
	failure := x.failure(r)
	if failure != nil && !isAnswer(failure) {
		held.free()
		return nil, failure
	}
	status := int(c.status)
	response := &http.Response{
		Status:        strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        x.header(),
		ContentLength: int64(c.body_len),
		Body:          &heldBody{held: held, rest: cBytes(unsafe.Pointer(c.body), c.body_len)},
		Request:       request,
	}
	tidyHeader(response)
	return response, nil
}

// isAnswer says whether what the library calls a failure is an answer to net/http: a whole one, with
// any status and any body.
func isAnswer(failure *Error) bool {
	switch failure.Code {
	case ErrStatus, ErrRateLimited, ErrNotJSON:
		return failure.Status != 0
	}
	return false
}

// tidyHeader does what net/http does where a body came in chunks, and where there is none by the rule.
// Of a body that was gzip-coded the library itself has taken out the fields that no longer describe it.
func tidyHeader(response *http.Response) {
	response.Header.Del("Transfer-Encoding")
	if response.Request.Method == http.MethodHead {
		response.ContentLength = announcedLength(response.Header)
	}
}

// announcedLength is what the Content-Length says; -1 where it says nothing.
func announcedLength(header http.Header) int64 {
	length, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return -1
	}
	return length
}

// heldBody reads a body out of the library's response, which is freed with Close.
type heldBody struct {
	held *held
	rest []byte // in the response's memory
}

// Read is io.Reader's.
func (b *heldBody) Read(into []byte) (n int, err error) {
	alive := b.held.read(func(*C.sac_response) {
		n = copy(into, b.rest)
		b.rest = b.rest[n:]
	})
	switch {
	case !alive:
		return 0, http.ErrBodyReadAfterClose
	case n == 0 && len(into) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// Close is io.Closer's.
func (b *heldBody) Close() error {
	b.held.free()
	return nil
}
