package sac

// #include "shim.h"
import "C"

import (
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
		Close:         hasConnectionOption(parts.header, "close"),
		Request:       request,
	}
	if request.URL.Scheme == "https" {
		response.TLS = c.tlsState()
	}
	moveTransferEncoding(response)
	if response.ContentLength == 0 || request.Method == http.MethodHead {
		state.close()
		response.Body = http.NoBody
		return response, nil
	}
	response.Body = &responseBody{stream: newStream(nil, state), remaining: response.ContentLength}
	if addsGzip(request) && strings.EqualFold(response.Header.Get("Content-Encoding"), "gzip") {
		decode(response)
	}
	return response, nil
}

// decode decodes the body while it is read.
func decode(response *http.Response) {
	response.Header.Del("Content-Encoding")
	response.Header.Del("Content-Length")
	response.ContentLength, response.Uncompressed = -1, true
	response.Body = &gzipBody{body: response.Body}
}

// isHTTPResponse reports whether net/http would return a failed call as a response: any status.
func isHTTPResponse(failure *Error) bool {
	return (failure.Code == ErrStatus || failure.Code == ErrRateLimited) && failure.Status != 0
}

// contentLength returns the length of a body; -1 if it is not known. For a response to HEAD, it is that of the body
// for GET.
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
