package sac

// #include "shim.h"
import "C"

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A Transport is an http.RoundTripper, so that code that is written for net/http calls through a
// Client:
//
//	&http.Client{Transport: &sac.Transport{Client: client}}
//
// The client's scope and settings hold: its header fields, cookies and credentials go along unless
// the request has its own, and it retries as often as it is set to, which is not at all unless set.
// Redirects are not followed here but left to the http.Client, as are cookie jars. Every status and
// every whole body is a response; an error is an [*Error].
//
// Requests go to the client's own origin, below its base path. Others go to Fallback.
//
// What is different from an http.Transport:
//   - A body is read into memory before it is sent, and an answer before it is handed over. Whatever
//     TransferEncoding says, the length is announced.
//   - A body without a Content-Type is sent as application/octet-stream; a request without an Accept
//     with */*, and one without a User-Agent with the client's.
//   - Several values of one header field are sent as one, joined by commas (cookies by semicolons),
//     which is the same (RFC 9110 section 5.3).
//   - The path is put in order: dot segments are resolved, what no path may hold is percent-encoded.
//   - An answer in a coding that the library knows is decoded even where the request asked for it itself;
//     Response.Uncompressed is false all the same. Header values that are not UTF-8 are read as Latin-1.
//   - Response.Status has the standard reason phrase; Response.TLS and Trailer are nil. The length of a
//     body is known, even where it came in chunks.
//   - A User-Agent that is set to "" is sent empty.
//   - Refused, with an error and nothing sent: CONNECT, Upgrade, and every header field that is the
//     connection's affair (Connection, Keep-Alive, Proxy-Connection, TE); Expect; trailers; Request.Close;
//     an opaque URL; text that is not UTF-8.
//   - httptrace and the deprecated Request.Cancel are not heeded.
type Transport struct {
	// Client makes the calls. It is not closed by the Transport.
	Client *Client
	// Fallback takes the requests to other origins, and above the base path: http.DefaultTransport for
	// instance. Where it is nil they are refused with ErrInvalidURL, so that no credential of the
	// client's ever goes astray.
	Fallback http.RoundTripper
}

// RoundTrip makes a call, as http.RoundTripper has it.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if t.Fallback != nil && request.URL != nil {
		if _, err := t.Client.PathOf(plainURL(request.URL)); isInvalidURL(err) {
			return t.Fallback.RoundTrip(request)
		}
	}
	body, err := readBody(request)
	if err != nil {
		return nil, err
	}
	x := newExchange()
	defer x.free()
	r, err := x.begin(func(r *Request) error { return r.describe(request, body) })
	if err != nil {
		return nil, err
	}
	if err := x.run(request.Context(), t.Client, r); err != nil {
		return nil, err
	}
	return x.httpResponse(request, r)
}

func isInvalidURL(err error) bool {
	failed, ok := err.(*Error)
	return ok && failed.Code == ErrInvalidURL
}

// readBody reads the whole body and closes it, as a RoundTripper has to in any case.
func readBody(request *http.Request) ([]byte, error) {
	if request.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(request.Body)
	if closed := request.Body.Close(); err == nil {
		err = closed
	}
	if err == nil && request.ContentLength > 0 && int64(len(body)) != request.ContentLength {
		err = fmt.Errorf("%d bytes were announced, and %d came", request.ContentLength, len(body))
	}
	if err != nil {
		return nil, &Error{Code: ErrInvalidArgument, Message: "the request's body cannot be read: " + err.Error(), cause: err}
	}
	return body, nil
}

// describe writes an http.Request down as one of ours.
func (r *Request) describe(request *http.Request, body []byte) error {
	if what := unsupported(request); what != "" {
		return badInput(ErrInvalidArgument, what+" cannot be sent through a sac.Transport")
	}
	method := request.Method
	if method == "" {
		method = http.MethodGet
	}
	options := append(headerOptions(request), Redirects(0))
	if len(body) > 0 {
		options = append(options, Body(contentType(request), body))
	}
	return r.begin(C.GOSAC_URL, method, plainURL(request.URL), options)
}

func unsupported(request *http.Request) string {
	switch {
	case request.URL == nil:
		return "a request without a URL"
	case request.URL.Opaque != "":
		return "an opaque URL"
	case request.Close:
		return "Request.Close"
	case len(request.Trailer) > 0:
		return "a trailer"
	case request.Header.Get("Expect") != "":
		return "Expect"
	}
	return ""
}

// plainURL is a URL as it is sent: without userinfo, which net/http has turned into a header field by
// now, and without a fragment.
func plainURL(u *url.URL) string {
	plain := *u
	plain.User, plain.Fragment, plain.RawFragment = nil, "", ""
	return plain.String()
}

// notSent are the fields that net/http takes from elsewhere, and so do we.
var notSent = map[string]bool{"Host": true, "Content-Length": true, "Transfer-Encoding": true, "Trailer": true}

func headerOptions(request *http.Request) []RequestOption {
	options := make([]RequestOption, 0, len(request.Header)+5)
	for name, values := range request.Header {
		if len(values) > 0 && !notSent[http.CanonicalHeaderKey(name)] {
			options = append(options, Header(name, joined(name, values)))
		}
	}
	if request.Host != "" && !strings.EqualFold(request.Host, request.URL.Host) {
		options = append(options, Header("Host", request.Host))
	}
	if len(request.Header.Values("Accept")) == 0 {
		options = append(options, Header("Accept", "*/*"))
	}
	if request.Header.Get("Accept-Encoding") == "" && wantsBytesAsTheyAre(request) {
		options = append(options, Header("Accept-Encoding", "identity"))
	}
	return options
}

// wantsBytesAsTheyAre: a part of a coded body cannot be decoded, and the answer to HEAD tells the
// length of the body that GET would have brought.
func wantsBytesAsTheyAre(request *http.Request) bool {
	return request.Header.Get("Range") != "" || request.Method == http.MethodHead
}

func joined(name string, values []string) string {
	if http.CanonicalHeaderKey(name) == "Cookie" {
		return strings.Join(values, "; ")
	}
	return strings.Join(values, ", ")
}

func contentType(request *http.Request) string {
	if given := request.Header.Get("Content-Type"); given != "" {
		return given
	}
	return "application/octet-stream"
}
