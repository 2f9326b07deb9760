package sac

// #include "shim.h"
import "C"

import (
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
)

// A Transport is an http.RoundTripper, with which code for net/http makes its calls through a Client:
//
//	&http.Client{Transport: &sac.Transport{Client: client}}
//
// The client's scope and settings apply: the client adds its header fields, cookies and credentials, unless
// the request has its own, and retries as its settings say (by default never). The http.Client follows
// redirects and keeps cookie jars. Every status is a response, whose body arrives while it is read; an error is
// an [*Error]. The hooks of httptrace are called as [Trace] says.
//
// The Transport sends requests to the client's origin and base path. Other requests go to Fallback. If a package
// needs an *http.Transport, register this one there: transport.RegisterProtocol("https", &sac.Transport{…}).
//
// Differences from http.Transport:
//   - Only HTTP/1.1 is spoken. Requests that need another protocol or a connection of their own are refused before
//     anything is sent: CONNECT, Upgrade, and the header fields Keep-Alive, Proxy-Connection, TE, and Connection,
//     unless it is "close" or "keep-alive". Response.Proto is always "HTTP/1.1", and Response.Close has its rules.
//   - One goroutine sends and receives. It reads the body of the request in RoundTrip and in Read of
//     Response.Body, and receives nothing while the Read of that body waits. If the body has no GetBody, the
//     request is not retried after its Read was called.
//   - A request without a User-Agent gets the client's.
//   - Several values of one header field are sent as one, joined by commas (cookies by semicolons), which
//     means the same (RFC 9110 section 5.3).
//   - The path is normalized: dot segments are resolved, and characters that are not allowed in a path are
//     percent-encoded.
//   - Trailers of responses are dropped. Requests with trailers are refused, and so are an opaque URL, an Expect
//     other than 100-continue, and text that is not UTF-8. Header values of a response that are not UTF-8 are read
//     as Latin-1.
//   - Response.TLS has no VerifiedChains.
//   - The deprecated Request.Cancel has no effect.
type Transport struct {
	// Client makes the calls. The Transport does not close it.
	Client *Client
	// Fallback, for example http.DefaultTransport, sends the requests to other origins and outside the base
	// path. If it is nil, they are refused with ErrInvalidURL, so that no credential of the client goes to
	// a different server.
	Fallback http.RoundTripper
}

// RoundTrip makes a call, as http.RoundTripper requires.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if t.Fallback != nil && request.URL != nil {
		if _, err := t.Client.PathOf(plainURL(request.URL)); isInvalidURL(err) {
			return t.Fallback.RoundTrip(request)
		}
	}
	body := newTransportBody(request)
	response, err := t.send(request, body)
	if err != nil {
		body.close()
	}
	return response, err
}

// CloseIdleConnections closes the connections of the Client and of Fallback that no request is using, for
// http.Client.CloseIdleConnections.
func (t *Transport) CloseIdleConnections() {
	_ = t.Client.CloseIdle()
	if fallback, ok := t.Fallback.(interface{ CloseIdleConnections() }); ok {
		fallback.CloseIdleConnections()
	}
}

func (t *Transport) send(request *http.Request, body *transportBody) (*http.Response, error) {
	r := &Request{}
	defer func() { wipe(r.script) }()
	if err := r.fromHTTP(request, body); err != nil {
		return nil, err
	}
	call := newInFlight()
	defer call.free()
	state, err := call.open(request.Context(), t.Client, r)
	if err != nil {
		return nil, err
	}
	return call.httpResponse(request, state)
}

func isInvalidURL(err error) bool {
	failed, ok := err.(*Error)
	return ok && failed.Code == ErrInvalidURL
}

// fromHTTP converts an http.Request.
func (r *Request) fromHTTP(request *http.Request, body *transportBody) error {
	if what := unsupported(request); what != "" {
		return inputError(ErrInvalidArgument, what+" cannot be sent through a sac.Transport")
	}
	method := request.Method
	if method == "" {
		method = http.MethodGet
	}
	options := append(headerOptions(request), Redirects(0), raw)
	if wantsClose(request) {
		options = append(options, KeepAlive(false))
	}
	source, err := body.source(method)
	if err != nil {
		return err
	}
	if source != nil {
		options = append(options, func(r *Request) error { return r.setSource(contentType(request), source) })
	}
	if hooks := httptrace.ContextClientTrace(request.Context()); hooks != nil {
		options = append(options, Trace(hooks))
	}
	return r.start(C.GOSAC_URL, method, plainURL(request.URL), options)
}

// raw leaves the body of the response as it is.
func raw(r *Request) error {
	return r.step(C.GOSAC_RAW, ErrInvalidArgument, "")
}

// wantsClose reports whether the connection must not be used again.
func wantsClose(request *http.Request) bool {
	return request.Close || hasConnectionOption(request.Header, "close")
}

// hasConnectionOption reports whether Connection has an option (RFC 9110 section 7.6.1).
func hasConnectionOption(header http.Header, option string) bool {
	for _, value := range header.Values("Connection") {
		for _, word := range strings.Split(value, ",") {
			if strings.EqualFold(strings.TrimSpace(word), option) {
				return true
			}
		}
	}
	return false
}

// isPersistence reports whether a field is a Connection that only says whether the connection stays open, which the
// library does by itself.
func isPersistence(name string, values []string) bool {
	if name != "Connection" || len(values) != 1 {
		return false
	}
	option := strings.TrimSpace(values[0])
	return strings.EqualFold(option, "close") || strings.EqualFold(option, "keep-alive")
}

func unsupported(request *http.Request) string {
	switch {
	case request.URL == nil:
		return "a request without a URL"
	case request.URL.Opaque != "":
		return "an opaque URL"
	case len(request.Trailer) > 0:
		return "a trailer"
	}
	return ""
}

// plainURL returns a URL as it is sent: without the fragment, and without userinfo, which net/http has
// already converted to a header field.
func plainURL(u *url.URL) string {
	plain := *u
	plain.User, plain.Fragment, plain.RawFragment = nil, "", ""
	return plain.String()
}

// ownedFields are the fields that come from other members of the http.Request, as in net/http.
var ownedFields = map[string]bool{"Host": true, "Content-Length": true, "Transfer-Encoding": true, "Trailer": true}

func headerOptions(request *http.Request) []RequestOption {
	options := make([]RequestOption, 0, len(request.Header)+5)
	for name, values := range request.Header {
		canonical := http.CanonicalHeaderKey(name)
		if len(values) > 0 && !ownedFields[canonical] && !isPersistence(canonical, values) {
			options = append(options, Header(name, joined(name, values)))
		}
	}
	if request.Host != "" && !strings.EqualFold(request.Host, request.URL.Host) {
		options = append(options, Header("Host", request.Host))
	}
	for _, name := range []string{"Accept", "Content-Type"} {
		if len(request.Header.Values(name)) == 0 {
			options = append(options, Header(name, "")) // It is omitted.
		}
	}
	switch {
	case request.Header.Get("Accept-Encoding") != "":
	case addsGzip(request):
		options = append(options, Header("Accept-Encoding", "gzip"))
	default:
		options = append(options, Header("Accept-Encoding", "identity"))
	}
	return options
}

// addsGzip reports whether the Transport asks for gzip, and decodes it. A range of a compressed body cannot be decoded,
// and the Content-Length of a response to HEAD is that of the body for GET.
func addsGzip(request *http.Request) bool {
	return request.Header.Get("Accept-Encoding") == "" && request.Header.Get("Range") == "" &&
		request.Method != http.MethodHead
}

func joined(name string, values []string) string {
	if http.CanonicalHeaderKey(name) == "Cookie" {
		return strings.Join(values, "; ")
	}
	return strings.Join(values, ", ")
}

func contentType(request *http.Request) string {
	if mediaType := request.Header.Get("Content-Type"); mediaType != "" {
		return mediaType
	}
	return "application/octet-stream"
}
