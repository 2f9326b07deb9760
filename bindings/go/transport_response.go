package sac

// #include "shim.h"
import "C"

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// httpResponse converts the result of the call to a response of net/http.
func (c *inFlight) httpResponse(request *http.Request) (*http.Response, error) {
	if failure := c.failure(&c.callbacks); failure != nil && !isHTTPResponse(failure) {
		return nil, failure
	}
	status := int(c.result.status)
	parts := c.content(make([]string, c.result.sizes.count))
	response := &http.Response{
		Status:        strings.TrimRight(strconv.Itoa(status)+" "+parts.reason, " "),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        parts.header,
		ContentLength: int64(len(parts.body)),
		Body:          io.NopCloser(bytes.NewReader(parts.body)),
		Request:       request,
	}
	fixHeader(response)
	return response, nil
}

// isHTTPResponse reports whether net/http would return a failed call as a response: a complete one, with any
// status and any body.
func isHTTPResponse(failure *Error) bool {
	switch failure.Code {
	case ErrStatus, ErrRateLimited, ErrNotJSON:
		return failure.Status != 0
	}
	return false
}

// fixHeader changes the header as net/http does for a body in chunks, and for a response to HEAD. The library
// has already removed the fields that no longer describe a decoded body.
func fixHeader(response *http.Response) {
	response.Header.Del("Transfer-Encoding")
	if response.Request.Method == http.MethodHead {
		response.ContentLength = contentLength(response.Header)
	}
}

// contentLength returns the Content-Length; -1 if there is no valid one.
func contentLength(header http.Header) int64 {
	length, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return -1
	}
	return length
}
