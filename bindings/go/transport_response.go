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

// httpResponse converts the head of a stream to a response of net/http, whose body closes the stream.
func (c *inFlight) httpResponse(request *http.Request, state *streamState) (*http.Response, error) {
	failure := c.failure(&state.callbacks)
	if failure != nil && !isHTTPResponse(failure) {
		state.close()
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
		ContentLength: contentLength(status, parts.header),
		Close:         hasConnectionClose(parts.header),
		Request:       request,
	}
	moveTransferEncoding(response)
	if !isComplete(response) {
		response.Body = &responseBody{stream: newStream(nil, state), remaining: response.ContentLength}
		return response, nil
	}
	state.close()
	response.Body = io.NopCloser(bytes.NewReader(parts.body))
	if failure != nil && failure.Code == ErrClosed {
		response.Body = cutBody(parts.body)
	}
	return response, nil
}

// isComplete reports whether there is no body, or the library has read it.
func isComplete(response *http.Response) bool {
	return response.StatusCode >= http.StatusMultipleChoices || response.ContentLength == 0 ||
		response.Request.Method == http.MethodHead
}

// isHTTPResponse reports whether net/http would return a failed call as a response: any status, even if its body
// was cut.
func isHTTPResponse(failure *Error) bool {
	switch failure.Code {
	case ErrStatus, ErrRateLimited:
		return failure.Status != 0
	case ErrClosed:
		return failure.Status >= http.StatusMultipleChoices
	}
	return false
}

// contentLength returns the length of a body; -1 if it is not known. For a response to HEAD, it is that of the body
// for GET. The library has removed the Content-Length of a body that it decodes.
func contentLength(status int, header http.Header) int64 {
	if status == http.StatusNoContent || status == http.StatusNotModified {
		return 0
	}
	length, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return -1
	}
	return length
}

// moveTransferEncoding moves the field to where net/http has it.
func moveTransferEncoding(response *http.Response) {
	if strings.EqualFold(response.Header.Get("Transfer-Encoding"), "chunked") {
		response.TransferEncoding = []string{"chunked"}
	}
	response.Header.Del("Transfer-Encoding")
}
