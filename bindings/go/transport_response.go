package sac

// #include "shim.h"
import "C"

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unsafe"
)

// httpResponse is what came of the call as net/http has it.
func (x *exchange) httpResponse(request *http.Request, r *Request) (*http.Response, error) {
	if failure := x.failure(r); failure != nil && !isAnswer(failure) {
		return nil, failure
	}
	c := x.reply
	status := int(c.status)
	body := copyOf(unsafe.Pointer(c.body), c.body_len)
	reason, header := x.head()
	response := &http.Response{
		Status:        strings.TrimRight(strconv.Itoa(status)+" "+reason, " "),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		ContentLength: int64(len(body)),
		Body:          io.NopCloser(bytes.NewReader(body)),
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
