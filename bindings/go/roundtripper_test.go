package sac

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A dialer makes a RoundTripper for a server: ours, or that of net/http.
type dialer func(t *testing.T, url string, settings peerSettings) http.RoundTripper

// peerSettings are the settings that both sides have.
type peerSettings struct {
	proxy string // a URL; "" for none
	roots []byte // PEM; nil for the system's
}

func dialOurs(t *testing.T, url string, settings peerSettings) http.RoundTripper {
	options := []Option{WithProxy(settings.proxy)}
	if settings.roots != nil {
		options = append(options, WithCAPEM(settings.roots))
	}
	return &Transport{Client: newClient(t, url, options...)}
}

func dialNetHTTP(t *testing.T, _ string, settings peerSettings) http.RoundTripper {
	transport := &http.Transport{}
	if settings.proxy != "" {
		proxy, err := url.Parse(settings.proxy)
		if err != nil {
			t.Fatal(err)
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	if settings.roots != nil {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(settings.roots)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// An exchange is what a behaviour needs: a server with its transport.
type exchange struct {
	*testing.T
	dial dialer
}

// to dials a server.
func (e *exchange) to(url string) http.RoundTripper {
	return e.dial(e.T, url, peerSettings{})
}

// raw starts a server with these replies, and dials it.
func (e *exchange) raw(replies ...string) (*rawServer, http.RoundTripper) {
	server := serveReplies(e.T, replies...)
	return server, e.to(server.URL)
}

// closing starts a server that sends a reply and closes the connection, and dials it.
func (e *exchange) closing(reply string) (*rawServer, http.RoundTripper) {
	server := serve(e.T, func(string, int) (string, bool) { return reply, false })
	return server, e.to(server.URL)
}

// request makes a request.
func (e *exchange) request(method, url string, body io.Reader) *http.Request {
	e.Helper()
	request, err := http.NewRequest(method, url+"/p?q=1", body)
	if err != nil {
		e.Fatal(err)
	}
	return request
}

// get gets a response from a RoundTripper, whose body the caller closes.
func (e *exchange) get(transport http.RoundTripper, url string) *http.Response {
	e.Helper()
	return e.send(transport, e.request("GET", url, nil))
}

func (e *exchange) send(transport http.RoundTripper, request *http.Request) *http.Response {
	e.Helper()
	response, err := transport.RoundTrip(request)
	if err != nil {
		e.Fatal(err)
	}
	return response
}

// read reads a body to its end, and closes it.
func read(response *http.Response) string {
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return fmt.Sprintf("%q, then %v", body, err)
	}
	return string(body)
}

// failed describes an error. The text is different for each side.
func failed(response *http.Response, err error) string {
	if err == nil {
		response.Body.Close()
		return "no error"
	}
	return "error"
}

// sent returns a request without the fields that the sides add by themselves.
func sent(raw string) string {
	lines := strings.Split(strings.TrimSuffix(raw, "\r\n\r\n"), "\r\n")
	var kept []string
	for _, line := range lines[1:] {
		name := strings.ToLower(strings.SplitN(line, ":", 2)[0])
		if name != "host" && name != "user-agent" && name != "accept-encoding" {
			kept = append(kept, strings.ToLower(line))
		}
	}
	sort.Strings(kept)
	return strings.Join(append([]string{lines[0]}, kept...), " | ")
}

// slowBody is a body that reports each Read.
type slowBody struct {
	text   *strings.Reader
	onRead func()
	closed sync.WaitGroup
	once   sync.Once
}

func newSlowBody(text string, onRead func()) *slowBody {
	body := &slowBody{text: strings.NewReader(text), onRead: onRead}
	body.closed.Add(1)
	return body
}

func (b *slowBody) Read(p []byte) (int, error) {
	b.onRead()
	return b.text.Read(p)
}

func (b *slowBody) Close() error {
	b.once.Do(b.closed.Done)
	return nil
}

var errReader = errors.New("the reader is broken")

// behaviours are what net/http's own tests, and its callers, expect of a RoundTripper.
var behaviours = []struct {
	name, want string
	run        func(*exchange) string
}{
	{"the body of the request is closed after a response", "closed", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		body := newSlowBody("x", func() {})
		request := e.request("POST", server.URL, body)
		request.ContentLength = 1
		read(e.send(transport, request))
		body.closed.Wait()
		return "closed"
	}},
	{"the body of the request is closed if there is no server", "error, closed", func(e *exchange) string {
		dead := deadAddress(e.T)
		body := newSlowBody("x", func() {})
		outcome := failed(e.to(dead).RoundTrip(e.request("POST", dead, body)))
		body.closed.Wait()
		return outcome + ", closed"
	}},
	{"a field with a line break is refused, and the body closed", "error, closed, 0 requests", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		body := newSlowBody("x", func() {})
		request := e.request("POST", server.URL, body)
		request.Header.Set("X-A", "a\r\nX-B: c")
		outcome := failed(transport.RoundTrip(request))
		body.closed.Wait()
		return fmt.Sprintf("%s, closed, %d requests", outcome, len(server.requests()))
	}},
	{"a field with an invalid name is refused", "error", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		request := e.request("GET", server.URL, nil)
		request.Header["X A"] = []string{"b"}
		return failed(transport.RoundTrip(request))
	}},
	{"a request without a URL is refused", "error", func(e *exchange) string {
		_, transport := e.raw(jsonReply("{}"))
		return failed(transport.RoundTrip(&http.Request{Method: "GET", Header: http.Header{}}))
	}},
	{"an unknown scheme is refused", "error", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		request := e.request("GET", server.URL, nil)
		request.URL.Scheme = "gopher"
		return failed(transport.RoundTrip(request))
	}},
	{"the request is not changed", "map[X-A:[1]] GET 0 /p?q=1", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		request := e.request("GET", server.URL, nil)
		request.Header.Set("X-A", "1")
		read(e.send(transport, request))
		return fmt.Sprint(request.Header, " ", request.Method, " ", request.ContentLength, " ", request.URL.RequestURI())
	}},
	{"the response has its request", "true", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		request := e.request("GET", server.URL, nil)
		response := e.send(transport, request)
		read(response)
		return fmt.Sprint(response.Request == request)
	}},
	{"nothing is added to a GET", "GET /p?q=1 HTTP/1.1", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		read(e.get(transport, server.URL))
		return sent(server.onlyRequest())
	}},
	{"an empty method is GET", "GET /p?q=1 HTTP/1.1", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		request := e.request("GET", server.URL, nil)
		request.Method = ""
		read(e.send(transport, request))
		return sent(server.onlyRequest())
	}},
	{"a POST without a body has the length 0", "POST /p?q=1 HTTP/1.1 | content-length: 0", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		read(e.send(transport, e.request("POST", server.URL, http.NoBody)))
		return sent(server.onlyRequest())
	}},
	{"a body gets no media type", "POST /p?q=1 HTTP/1.1 | content-length: 1 | x", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		read(e.send(transport, e.request("POST", server.URL, strings.NewReader("x"))))
		return strings.Replace(sent(server.onlyRequest()), " |  |", " |", 1)
	}},
	{"a body of unknown length is sent in chunks", `-1 ["chunked"] "text"`, func(e *exchange) string {
		seen := make(chan string, 1)
		server := serveHTTP(e.T, func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			seen <- fmt.Sprintf("%d %q %q", r.ContentLength, r.TransferEncoding, body)
		})
		read(e.send(e.to(server.URL), e.request("POST", server.URL, io.MultiReader(strings.NewReader("text")))))
		return <-seen
	}},
	{"a body that is shorter than its length is an error", "error", func(e *exchange) string {
		server := serveHTTP(e.T, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) })
		request := e.request("POST", server.URL, io.MultiReader(strings.NewReader("text")))
		request.ContentLength = 9
		return failed(e.to(server.URL).RoundTrip(request))
	}},
	{"the error of a body is the error of the request", "true", func(e *exchange) string {
		server := serveHTTP(e.T, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) })
		body := io.MultiReader(strings.NewReader("some"), brokenWith{errReader})
		_, err := e.to(server.URL).RoundTrip(e.request("POST", server.URL, body))
		return fmt.Sprint(errors.Is(err, errReader))
	}},
	{"another Host can be sent", "virtual.example", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		request := e.request("GET", server.URL, nil)
		request.Host = "virtual.example"
		read(e.send(transport, request))
		return headerIn(server.onlyRequest(), "Host")
	}},
	{"a User-Agent is sent", "agent/1", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		request := e.request("GET", server.URL, nil)
		request.Header.Set("User-Agent", "agent/1")
		read(e.send(transport, request))
		return headerIn(server.onlyRequest(), "User-Agent")
	}},
	{"an empty User-Agent is omitted", "false", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		request := e.request("GET", server.URL, nil)
		request.Header.Set("User-Agent", "")
		read(e.send(transport, request))
		return fmt.Sprint(strings.Contains(strings.ToLower(server.onlyRequest()), "user-agent"))
	}},
	{"http.Client converts userinfo to Basic", "Basic YTpi", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		response, err := (&http.Client{Transport: transport}).Get(strings.Replace(server.URL, "//", "//a:b@", 1))
		if err != nil {
			return err.Error()
		}
		read(response)
		return headerIn(server.onlyRequest(), "Authorization")
	}},
	{"an http request goes through a proxy", "GET http://a.example/p?q=1 HTTP/1.1", func(e *exchange) string {
		server := serveReplies(e.T, jsonReply("{}"))
		transport := e.dial(e.T, "http://a.example", peerSettings{proxy: server.URL})
		read(e.get(transport, "http://a.example"))
		return sent(server.onlyRequest())
	}},
	{"a redirect is not followed", "302 /elsewhere moved", func(e *exchange) string {
		server, transport := e.raw(reply("302 Found", "Location: /elsewhere", "moved"))
		response := e.get(transport, server.URL)
		return fmt.Sprint(response.StatusCode, " ", response.Header.Get("Location"), " ", read(response))
	}},
	{"every status is a response", "404 Not Here|gone|503|busy", func(e *exchange) string {
		server, transport := e.raw(reply("404 Not Here", "", "gone"), reply("503", "Retry-After: 0", "busy"))
		first := e.get(transport, server.URL)
		body := read(first)
		second := e.get(transport, server.URL)
		return first.Status + "|" + body + "|" + strings.TrimSpace(second.Status) + "|" + read(second)
	}},
	{"the body of an error arrives while it is read", "500: first, last", func(e *exchange) string {
		gate := make(chan struct{})
		server := serveHTTP(e.T, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			_, _ = io.WriteString(w, "first")
			w.(http.Flusher).Flush()
			<-gate
			_, _ = io.WriteString(w, ", last")
		})
		response := e.get(e.to(server.URL), server.URL)
		first := make([]byte, 5)
		_, _ = io.ReadFull(response.Body, first)
		close(gate)
		return fmt.Sprint(response.StatusCode, ": ", string(first)+read(response))
	}},
	{"a response to HEAD has the length of GET", `1234 ""`, func(e *exchange) string {
		server, transport := e.raw("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
		response := e.send(transport, e.request("HEAD", server.URL, nil))
		return fmt.Sprintf("%d %q", response.ContentLength, read(response))
	}},
	{"204 has no body", `0 "" true`, func(e *exchange) string {
		server, transport := e.raw("HTTP/1.1 204 No Content\r\n\r\n")
		response := e.get(transport, server.URL)
		return fmt.Sprintf("%d %q %v", response.ContentLength, read(response), response.Body == http.NoBody)
	}},
	{"304 has no body", `0 "" true`, func(e *exchange) string {
		server, transport := e.raw("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n")
		response := e.get(transport, server.URL)
		return fmt.Sprintf("%d %q %v", response.ContentLength, read(response), response.Body == http.NoBody)
	}},
	{"an empty body has the length 0", `0 ""`, func(e *exchange) string {
		server, transport := e.raw(reply("200 OK", "", ""))
		response := e.get(transport, server.URL)
		return fmt.Sprintf("%d %q", response.ContentLength, read(response))
	}},
	{"chunks have no length", `-1 ["chunked"] map[X-A:[1]] "abc"`, func(e *exchange) string {
		server, transport := e.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n" +
			"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n")
		response := e.get(transport, server.URL)
		return fmt.Sprintf("%d %q %v %q", response.ContentLength, response.TransferEncoding, response.Header, read(response))
	}},
	{"names of fields are canonical, and repeated ones are kept", "map[Content-Length:[2] Set-Cookie:[a=1 b=2] X-Low:[z]]",
		func(e *exchange) string {
			server, transport := e.raw(reply("200 OK", "set-cookie: a=1\nx-LOW: z\nSET-cookie: b=2", "{}"))
			response := e.get(transport, server.URL)
			read(response)
			return fmt.Sprint(response.Header)
		}},
	{"many and long fields are accepted", "100000 500", func(e *exchange) string {
		fields := "X-Long: " + strings.Repeat("a", 100_000) + strings.Repeat("\nX-Many: b", 500)
		server, transport := e.raw(reply("200 OK", fields, "{}"))
		response := e.get(transport, server.URL)
		read(response)
		return fmt.Sprint(len(response.Header.Get("X-Long")), " ", len(response.Header["X-Many"]))
	}},
	{"gzip is decoded", `true -1 map[] "<html>"`, func(e *exchange) string {
		server, transport := e.raw(reply("200 OK", "Content-Encoding: gzip", gzipped("<html>")))
		response := e.get(transport, server.URL)
		return fmt.Sprintf("%v %d %v %q", response.Uncompressed, response.ContentLength, response.Header, read(response))
	}},
	{"gzip that the request asks for is not decoded", "false gzip true true", func(e *exchange) string {
		packed := gzipped("<html>")
		server, transport := e.raw(reply("200 OK", "Content-Encoding: gzip", packed))
		request := e.request("GET", server.URL, nil)
		request.Header.Set("Accept-Encoding", "gzip")
		response := e.send(transport, request)
		return fmt.Sprint(response.Uncompressed, " ", response.Header.Get("Content-Encoding"), " ",
			response.ContentLength == int64(len(packed)), " ", read(response) == packed)
	}},
	{"another coding is not decoded", "br bytes", func(e *exchange) string {
		server, transport := e.raw(reply("200 OK", "Content-Encoding: br", "bytes"))
		response := e.get(transport, server.URL)
		return response.Header.Get("Content-Encoding") + " " + read(response)
	}},
	{"damaged gzip is an error of the body", `"", then gzip: invalid header`, func(e *exchange) string {
		server, transport := e.raw(reply("200 OK", "Content-Encoding: gzip", "this is not gzip"))
		return read(e.get(transport, server.URL))
	}},
	{"a body that is cut ends with io.ErrUnexpectedEOF", `"part", then unexpected EOF`, func(e *exchange) string {
		server, transport := e.closing("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart")
		return read(e.get(transport, server.URL))
	}},
	{"chunks that are cut end with io.ErrUnexpectedEOF", `"part", then unexpected EOF`, func(e *exchange) string {
		server, transport := e.closing("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n")
		return read(e.get(transport, server.URL))
	}},
	{"gzip that is cut ends with io.ErrUnexpectedEOF", "unexpected EOF", func(e *exchange) string {
		packed := gzipped("<html>")
		server, transport := e.closing(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s",
			len(packed), packed[:len(packed)-4]))
		response := e.get(transport, server.URL)
		defer response.Body.Close()
		_, err := io.ReadAll(response.Body)
		return fmt.Sprint(err)
	}},
	{"HTTP/1.0 has a body up to the end of the connection", `-1 "body" 2 connections`, func(e *exchange) string {
		server, transport := e.closing("HTTP/1.0 200 OK\r\n\r\nbody")
		response := e.get(transport, server.URL)
		body := read(response)
		read(e.get(transport, server.URL))
		return fmt.Sprintf("%d %q %d connections", response.ContentLength, body, server.connectionCount())
	}},
	{"a malformed status line is an error", "error", func(e *exchange) string {
		server, transport := e.closing("HTTP/1.1 two OK\r\n\r\n")
		return failed(transport.RoundTrip(e.request("GET", server.URL, nil)))
	}},
	{"a head that is cut is an error", "error", func(e *exchange) string {
		server, transport := e.closing("HTTP/1.1 200 OK\r\nConte")
		return failed(transport.RoundTrip(e.request("GET", server.URL, nil)))
	}},
	{"different lengths are an error", "error", func(e *exchange) string {
		server, transport := e.closing("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
		return failed(transport.RoundTrip(e.request("GET", server.URL, nil)))
	}},
	{"an unknown transfer coding is an error", "error", func(e *exchange) string {
		server, transport := e.closing("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nab")
		return failed(transport.RoundTrip(e.request("GET", server.URL, nil)))
	}},
	{"a connection is used again after its body was read", "1 connections", func(e *exchange) string {
		server, transport := e.raw(jsonReply("[1]"))
		for i := 0; i < 3; i++ {
			read(e.get(transport, server.URL))
		}
		return fmt.Sprint(server.connectionCount(), " connections")
	}},
	{"a connection is closed with a body that was not read", "2 connections", func(e *exchange) string {
		server, transport := e.raw(begun("text/plain", "first"))
		for i := 0; i < 2; i++ {
			e.get(transport, server.URL).Body.Close()
		}
		return fmt.Sprint(server.connectionCount(), " connections")
	}},
	{"http.Client closes the idle connections", "2 connections", func(e *exchange) string {
		server, transport := e.raw(jsonReply("[1]"))
		for i := 0; i < 2; i++ {
			read(e.get(transport, server.URL))
			(&http.Client{Transport: transport}).CloseIdleConnections()
		}
		return fmt.Sprint(server.connectionCount(), " connections")
	}},
	{"a closed body cannot be read", "true", func(e *exchange) string {
		server, transport := e.raw(jsonReply("[1]"))
		response := e.get(transport, server.URL)
		response.Body.Close()
		_, err := response.Body.Read(make([]byte, 1))
		return fmt.Sprint(err != nil && err != io.EOF)
	}},
	{"Request.Close closes the connection", "close 2 connections", func(e *exchange) string {
		server, transport := e.raw(jsonReply("[1]"))
		for i := 0; i < 2; i++ {
			request := e.request("GET", server.URL, nil)
			request.Close = true
			read(e.send(transport, request))
		}
		return fmt.Sprint(headerIn(server.requests()[0], "Connection"), " ", server.connectionCount(), " connections")
	}},
	{"a server can close the connection", "true 2 connections", func(e *exchange) string {
		server, transport := e.raw(reply("200 OK", "Connection: close", "{}"))
		response := e.get(transport, server.URL)
		read(response)
		read(e.get(transport, server.URL))
		return fmt.Sprint(response.Close, " ", server.connectionCount(), " connections")
	}},
	{"a request on a connection that is closed is sent again", "3 requests, text", func(e *exchange) string {
		// The server closes the kept connection when it receives the second request.
		server := serve(e.T, func(_ string, index int) (string, bool) {
			if index == 1 {
				return "", false
			}
			return jsonReply("{}"), true
		})
		transport := e.to(server.URL)
		for i := 0; i < 2; i++ {
			request := e.request("PUT", server.URL, strings.NewReader("text"))
			request.Header.Set("Idempotency-Key", "1")
			read(e.send(transport, request))
		}
		requests := server.requests()
		return fmt.Sprintf("%d requests, %s", len(requests), bodyIn(requests[len(requests)-1]))
	}},
	{"a response is read while its request is sent", "200 before the end of the request, the same text", func(e *exchange) string {
		text, url := longText(), echoChunks(e.T)
		var reads int64
		body := newSlowBody(text, func() { atomic.AddInt64(&reads, 1) })
		response := e.send(e.to(url), e.request("POST", url, body))
		readsAtHead := atomic.LoadInt64(&reads)
		outcome := fmt.Sprint(response.StatusCode)
		echoed := read(response)
		if readsAtHead < atomic.LoadInt64(&reads) {
			outcome += " before the end of the request"
		}
		if echoed != text {
			return fmt.Sprintf("%s, %d other bytes", outcome, len(echoed))
		}
		return outcome + ", the same text"
	}},
	{"an early response ends an upload", "413 too large", func(e *exchange) string {
		url := serveEarly(e.T, reply("413 Too Large", "Connection: close", "too large"))
		response := e.send(e.to(url), e.request("POST", url, bytes.NewReader(make([]byte, 8<<20))))
		return fmt.Sprint(response.StatusCode, " ", read(response))
	}},
	{"a body waits for 100 Continue", "100-continue, then text, [got wait]", func(e *exchange) string {
		asked, wasAsked := make(chan struct{}), true
		server := serveHTTP(e.T, func(w http.ResponseWriter, r *http.Request) {
			expect := r.Header.Get("Expect")
			close(asked)
			body, _ := io.ReadAll(r.Body) // This sends 100 Continue.
			_, _ = io.WriteString(w, expect+", then "+string(body))
		})
		body := newSlowBody("text", func() {
			select {
			case <-asked:
			default:
				wasAsked = false
			}
		})
		request := e.request("POST", server.URL, body)
		request.ContentLength = 4
		request.Header.Set("Expect", "100-continue")
		var mu sync.Mutex
		var events []string
		add := func(event string) {
			mu.Lock()
			events = append(events, event)
			mu.Unlock()
		}
		text := read(e.send(e.patient(server.URL), withTrace(request, &httptrace.ClientTrace{
			Wait100Continue: func() { add("wait") },
			Got100Continue:  func() { add("got") },
		})))
		if !wasAsked {
			return "the body was read before the server asked for it"
		}
		sort.Strings(events) // net/http writes and reads at the same time.
		return fmt.Sprint(text, ", ", events)
	}},
	{"a body that the server does not want is not read", "413, 0 reads", func(e *exchange) string {
		server := serve(e.T, func(string, int) (string, bool) { return reply("413 Too Large", "Connection: close", ""), false })
		var mu sync.Mutex
		reads := 0
		body := newSlowBody("text", func() { mu.Lock(); reads++; mu.Unlock() })
		request := e.request("POST", server.URL, body)
		request.Header.Set("Expect", "100-continue")
		// The raw server waits for the body before it replies, unless the request has no Content-Length.
		request.ContentLength = -1
		response := e.send(e.patient(server.URL), request)
		read(response)
		body.closed.Wait()
		mu.Lock()
		defer mu.Unlock()
		return fmt.Sprintf("%d, %d reads", response.StatusCode, reads)
	}},
	{"a context that has ended sends nothing", "true 0 requests", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		ctx, cancel := context.WithCancel(background)
		cancel()
		_, err := transport.RoundTrip(e.request("GET", server.URL, nil).WithContext(ctx))
		return fmt.Sprint(errors.Is(err, context.Canceled), " ", len(server.requests()), " requests")
	}},
	{"a context ends the wait for a response", "true", func(e *exchange) string {
		server, received := serveSilence(e.T)
		ctx, cancel := context.WithCancel(background)
		go func() {
			<-received
			cancel()
		}()
		_, err := e.to(server.URL).RoundTrip(e.request("GET", server.URL, nil).WithContext(ctx))
		return fmt.Sprint(errors.Is(err, context.Canceled))
	}},
	{"a context ends a read of the body", `"first" true`, func(e *exchange) string {
		server, _ := serveGated(e.T, "text/plain", "first", "last")
		ctx, cancel := context.WithCancel(background)
		response := e.send(e.to(server.URL), e.request("GET", server.URL, nil).WithContext(ctx))
		defer response.Body.Close()
		first := make([]byte, 5)
		_, _ = io.ReadFull(response.Body, first)
		cancel()
		_, err := io.ReadAll(response.Body)
		return fmt.Sprintf("%q %v", first, errors.Is(err, context.Canceled))
	}},
	{"a deadline is a timeout of the network", "true true", func(e *exchange) string {
		server, _ := serveSilence(e.T)
		ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
		defer cancel()
		_, err := e.to(server.URL).RoundTrip(e.request("GET", server.URL, nil).WithContext(ctx))
		var timeout net.Error
		return fmt.Sprint(errors.Is(err, context.DeadlineExceeded), " ", errors.As(err, &timeout) && timeout.Timeout())
	}},
	{"many goroutines can use it at once", "50 times /p", func(e *exchange) string {
		server := serveHTTP(e.T, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
		transport, paths := e.to(server.URL), make(chan string)
		for i := 0; i < 50; i++ {
			request := e.request("GET", server.URL, nil)
			go func() {
				response, err := transport.RoundTrip(request)
				if err != nil {
					paths <- err.Error()
					return
				}
				paths <- read(response)
			}()
		}
		counts := make(map[string]int)
		for i := 0; i < 50; i++ {
			counts[<-paths]++
		}
		return fmt.Sprint(counts["/p"], " times /p")
	}},
	{"an interim response is not the response", "200 {}", func(e *exchange) string {
		server, transport := e.raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + jsonReply("{}"))
		response := e.get(transport, server.URL)
		return fmt.Sprint(response.StatusCode, " ", read(response))
	}},
	{"a trace receives interim responses", "[100 map[] 103 map[Link:[</a> </b>]]]", func(e *exchange) string {
		server, transport := e.raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n" +
			jsonReply("{}"))
		var seen []string
		request := withTrace(e.request("GET", server.URL, nil), &httptrace.ClientTrace{
			Got1xxResponse: func(status int, header textproto.MIMEHeader) error {
				seen = append(seen, fmt.Sprint(status, " ", header))
				return nil
			},
		})
		read(e.send(transport, request))
		return fmt.Sprint(seen)
	}},
	{"the error of a trace ends the request", "true", func(e *exchange) string {
		server, transport := e.raw("HTTP/1.1 103 Early Hints\r\n\r\n" + jsonReply("{}"))
		request := withTrace(e.request("GET", server.URL, nil), &httptrace.ClientTrace{
			Got1xxResponse: func(int, textproto.MIMEHeader) error { return errReader },
		})
		_, err := transport.RoundTrip(request)
		// Before Go 1.21, the error of net/http contains only its text.
		return fmt.Sprint(err != nil && strings.Contains(err.Error(), errReader.Error()))
	}},
	{"a trace receives the events of a new connection", newConnectionEvents, func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		events := &traceLog{}
		read(e.send(transport, withTrace(e.request("GET", server.URL, nil), events.hooks())))
		return events.sorted(server.listener.Addr().String())
	}},
	{"a trace receives the events of a reused connection", reusedConnectionEvents, func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		read(e.get(transport, server.URL))
		events := &traceLog{}
		read(e.send(transport, withTrace(e.request("GET", server.URL, nil), events.hooks())))
		return events.sorted(server.listener.Addr().String())
	}},
	{"a trace receives a failed connect", "ConnectDone true, ConnectStart tcp, GetConn", func(e *exchange) string {
		dead, events := deadAddress(e.T), &traceLog{}
		_, err := e.to(dead).RoundTrip(withTrace(e.request("GET", dead, nil), events.hooks()))
		if err == nil {
			return "no error"
		}
		return strings.ReplaceAll(events.sorted(strings.TrimPrefix(dead, "http://")), " ADDRESS", "")
	}},
	{"a trace receives the lookup of a name", "localhost, true", func(e *exchange) string {
		server := serveReplies(e.T, jsonReply("{}"))
		named := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
		var started string
		var found bool
		request := withTrace(e.request("GET", named, nil), &httptrace.ClientTrace{
			DNSStart: func(info httptrace.DNSStartInfo) { started = info.Host },
			DNSDone: func(info httptrace.DNSDoneInfo) {
				for _, address := range info.Addrs {
					found = found || address.IP.IsLoopback()
				}
			},
		})
		read(e.send(e.to(named), request))
		return fmt.Sprint(started, ", ", found)
	}},
	{"a response over TLS describes its session", "TLS 1.3, 1 certificates, true, \"\", true", func(e *exchange) string {
		server, transport := e.secure()
		var traced tls.ConnectionState
		request := withTrace(e.request("GET", server.URL, nil), &httptrace.ClientTrace{
			TLSHandshakeDone: func(state tls.ConnectionState, err error) { traced = state },
		})
		response := e.send(transport, request)
		read(response)
		state := response.TLS
		version := map[uint16]string{tls.VersionTLS13: "TLS 1.3"}[state.Version]
		same := len(traced.PeerCertificates) == 1 && traced.PeerCertificates[0].Equal(state.PeerCertificates[0]) &&
			traced.CipherSuite == state.CipherSuite && tls.CipherSuiteName(state.CipherSuite) != ""
		return fmt.Sprintf("%s, %d certificates, %v, %q, %v", version, len(state.PeerCertificates),
			state.PeerCertificates[0].Equal(server.Certificate()), state.ServerName, same && state.HandshakeComplete)
	}},
	{"every response of a connection describes the session", "true", func(e *exchange) string {
		server, transport := e.secure()
		first := e.get(transport, server.URL)
		read(first)
		second := e.get(transport, server.URL)
		read(second)
		return fmt.Sprint(first.TLS.PeerCertificates[0].Equal(second.TLS.PeerCertificates[0]))
	}},
	{"a response without TLS has none", "true", func(e *exchange) string {
		server, transport := e.raw(jsonReply("{}"))
		response := e.get(transport, server.URL)
		read(response)
		return fmt.Sprint(response.TLS == nil)
	}},
}

const newConnectionEvents = "ConnectDone ADDRESS false, ConnectStart tcp ADDRESS, GetConn ADDRESS, " +
	"GotConn ADDRESS reused false idle false, GotFirstResponseByte, WroteHeaders, WroteRequest false"

const reusedConnectionEvents = "GetConn ADDRESS, GotConn ADDRESS reused true idle true, GotFirstResponseByte, " +
	"WroteHeaders, WroteRequest false"

func TestATransportBehavesAsThatOfNetHTTP(t *testing.T) {
	t.Parallel()
	for _, behaviour := range behaviours {
		behaviour := behaviour
		t.Run(behaviour.name, func(t *testing.T) {
			t.Parallel()
			for side, dial := range map[string]dialer{"sac": dialOurs, "net/http": dialNetHTTP} {
				if got := behaviour.run(&exchange{t, dial}); got != behaviour.want {
					t.Errorf("through %s: %s, want %s", side, got, behaviour.want)
				}
			}
		})
	}
}

// patient is like to, but the transport of net/http waits for 100 Continue as ours does.
func (e *exchange) patient(url string) http.RoundTripper {
	transport := e.to(url)
	if stock, ok := transport.(*http.Transport); ok {
		stock.ExpectContinueTimeout = 30 * time.Second
	}
	return transport
}

// serveEarly starts a server that responds to the head of one request, and reads the rest of it afterwards, because a
// connection with unread bytes would be reset. It returns its URL.
func serveEarly(t *testing.T, reply string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		reader := bufio.NewReader(connection)
		for line := ""; line != "\r\n" && err == nil; {
			line, err = reader.ReadString('\n')
		}
		_, _ = io.WriteString(connection, reply)
		_, _ = io.Copy(io.Discard, reader)
	}()
	return "http://" + listener.Addr().String()
}

// secure starts a server with TLS, and dials it.
func (e *exchange) secure() (*httptest.Server, http.RoundTripper) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "secure")
	}))
	e.Cleanup(server.Close)
	roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return server, e.dial(e.T, server.URL, peerSettings{roots: roots})
}

// brokenWith is a reader that fails.
type brokenWith struct{ err error }

func (b brokenWith) Read([]byte) (int, error) { return 0, b.err }

func withTrace(request *http.Request, hooks *httptrace.ClientTrace) *http.Request {
	return request.WithContext(httptrace.WithClientTrace(request.Context(), hooks))
}

// A traceLog records the events of a request.
type traceLog struct {
	mu     sync.Mutex
	events []string
}

func (l *traceLog) add(event ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, strings.TrimSuffix(fmt.Sprintln(event...), "\n"))
}

// sorted returns the events in alphabetical order, because net/http writes and reads at the same time.
func (l *traceLog) sorted(address string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	sort.Strings(l.events)
	return strings.ReplaceAll(strings.Join(l.events, ", "), address, "ADDRESS")
}

func (l *traceLog) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(address string) { l.add("GetConn", address) },
		GotConn: func(info httptrace.GotConnInfo) {
			isIdle := info.WasIdle && info.IdleTime > 0
			l.add("GotConn", info.Conn.RemoteAddr(), "reused", info.Reused, "idle", isIdle)
		},
		ConnectStart:         func(network, address string) { l.add("ConnectStart", network, address) },
		ConnectDone:          func(_, address string, err error) { l.add("ConnectDone", address, err != nil) },
		GotFirstResponseByte: func() { l.add("GotFirstResponseByte") },
		WroteHeaders:         func() { l.add("WroteHeaders") },
		WroteRequest:         func(info httptrace.WroteRequestInfo) { l.add("WroteRequest", info.Err != nil) },
	}
}

func TestTheErrorOfATraceIsTheCauseOfTheErrorOfItsCall(t *testing.T) {
	e := &exchange{t, dialOurs}
	server, transport := e.raw("HTTP/1.1 103 Early Hints\r\n\r\n" + jsonReply("{}"))
	request := withTrace(e.request("GET", server.URL, nil), &httptrace.ClientTrace{
		Got1xxResponse: func(int, textproto.MIMEHeader) error { return errReader },
	})
	if _, err := transport.RoundTrip(request); !errors.Is(err, errReader) {
		t.Errorf("the error is %v", err)
	}
}
