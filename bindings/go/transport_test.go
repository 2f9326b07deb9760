package sac

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"
)

// clientAndTransport makes an http.Client with our Transport, and one with net/http's.
func clientAndTransport(t *testing.T, url string, options ...Option) (ours, theirs *http.Client) {
	t.Helper()
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	plain := &http.Transport{}
	t.Cleanup(plain.CloseIdleConnections)
	return &http.Client{Transport: &Transport{Client: newClient(t, url, options...)}, CheckRedirect: stay},
		&http.Client{Transport: plain, CheckRedirect: stay}
}

func gzipped(text string) string {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	_, _ = io.WriteString(writer, text)
	_ = writer.Close()
	return out.String()
}

func TestATransportReturnsWhatNetHTTPReturns(t *testing.T) {
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n"
	for name, test := range map[string]struct{ method, reply string }{
		"JSON":                  {"GET", jsonReply(`{"a":1}`)},
		"a page":                {"GET", reply("200 OK", "Content-Type: text/html", "<html>")},
		"damaged JSON":          {"GET", jsonReply(`{'a':1,}`)},
		"bytes":                 {"GET", reply("200 OK", "", "\x00\xff\xfe")},
		"no body":               {"GET", reply("200 OK", "", "")},
		"no content":            {"DELETE", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"},
		"not modified":          {"GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"},
		"a redirect":            {"GET", reply("302 Found", "Location: /elsewhere", "moved")},
		"not found":             {"GET", reply("404 Not Found", "", "nothing here")},
		"too many requests":     {"GET", reply("429 Too Many Requests", "Retry-After: 0", `{"message":"slow"}`)},
		"broken":                {"POST", reply("500 Internal Server Error", "", "oops")},
		"unavailable":           {"GET", reply("503 Service Unavailable", "Retry-After: 0", "")},
		"an unknown status":     {"GET", reply("299 Odd", "", "{}")},
		"repeated fields":       {"GET", reply("200 OK", "Set-Cookie: a=1\nX-A: 1\nSet-Cookie: b=2\nX-A: 2", "{}")},
		"chunks":                {"GET", chunked},
		"gzip":                  {"GET", reply("200 OK", "Content-Encoding: gzip", gzipped("<html>"))},
		"HEAD":                  {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"},
		"HEAD without a length": {"HEAD", "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n"},
		"an interim response":   {"GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + jsonReply("{}")},
	} {
		t.Run(name, func(t *testing.T) {
			server := serveReplies(t, test.reply)
			ours, theirs := clientAndTransport(t, server.URL)
			got, want := fetch(t, ours, test.method, server.URL), fetch(t, theirs, test.method, server.URL)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("through sac:\n%+v\nthrough net/http:\n%+v", got, want)
			}
			if len(server.requests()) != 2 {
				t.Errorf("%d requests for two calls: %q", len(server.requests()), server.requests())
			}
		})
	}
}

// outcome is what a caller of net/http sees.
type outcome struct {
	Status int
	Header http.Header
	Body   string
	Length int64
	Coding []string
	Close  bool
}

func fetch(t *testing.T, client *http.Client, method, url string) outcome {
	t.Helper()
	request, err := http.NewRequest(method, url+"/x?y=z", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if closeErr := response.Body.Close(); err != nil || closeErr != nil {
		t.Fatalf("the body: %v, %v", err, closeErr)
	}
	if response.Request == nil || response.Proto != "HTTP/1.1" {
		t.Errorf("response: %+v", response)
	}
	return outcome{response.StatusCode, response.Header, string(body), response.ContentLength, response.TransferEncoding,
		response.Close}
}

func TestATransportSendsWhatNetHTTPSends(t *testing.T) {
	for name, prepare := range map[string]func(*http.Request){
		"fields": func(r *http.Request) {
			r.Header.Set("X-One", "1")
			r.Header.Set("Authorization", "Bearer x")
			r.Header.Set("Accept", "text/csv")
			r.Header.Set("User-Agent", "agent/1")
		},
		"a body": func(r *http.Request) {
			r.Method = http.MethodPost
			setBody(r, "a=1")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		},
		"a body without a length": func(r *http.Request) {
			r.Method = http.MethodPut
			setBody(r, "abc")
			r.Header.Set("Content-Type", "text/plain")
			r.TransferEncoding = nil
		},
		"another host":  func(r *http.Request) { r.Host = "virtual.example" },
		"a cookie":      func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "a", Value: "b"}) },
		"a range":       func(r *http.Request) { r.Header.Set("Range", "bytes=0-1") },
		"PROPFIND":      func(r *http.Request) { r.Method = "PROPFIND" },
		"PATCH, empty":  func(r *http.Request) { r.Method = http.MethodPatch; r.Body = http.NoBody },
		"encoded":       func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/a/b c", "/a%2Fb%20c" },
		"an odd query":  func(r *http.Request) { r.URL.RawQuery = "a=b+c&d=%2F&e" },
		"an empty path": func(r *http.Request) { r.URL.Path, r.URL.RawQuery = "", "" },
	} {
		t.Run(name, func(t *testing.T) {
			server := serveReplies(t, jsonReply("{}"))
			ours, theirs := clientAndTransport(t, server.URL)
			for _, client := range []*http.Client{ours, theirs} {
				request, err := http.NewRequest(http.MethodGet, server.URL+"/x?y=z", nil)
				if err != nil {
					t.Fatal(err)
				}
				prepare(request)
				response, err := client.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
			}
			got, want := normalizeRequest(server.requests()[0]), normalizeRequest(server.requests()[1])
			if got != want {
				t.Errorf("through sac:\n%s\nthrough net/http:\n%s", got, want)
			}
		})
	}
}

func setBody(r *http.Request, text string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
}

// normalizeRequest sorts the fields of a raw request, and removes those in which the two differ on purpose.
func normalizeRequest(raw string) string {
	head, body, _ := strings.Cut(raw, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	fields := make(map[string]string)
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		fields[http.CanonicalHeaderKey(name)] = value
	}
	if fields["Accept"] == "*/*" {
		delete(fields, "Accept")
	}
	delete(fields, "Accept-Encoding") // ours supports more codings
	if strings.HasPrefix(fields["User-Agent"], "libsac/") || strings.HasPrefix(fields["User-Agent"], "Go-http-client/") {
		delete(fields, "User-Agent")
	}
	var sorted []string
	for name, value := range fields {
		sorted = append(sorted, name+": "+value)
	}
	sort.Strings(sorted)
	return lines[0] + "\n" + strings.Join(sorted, "\n") + "\n\n" + body
}

func TestSeveralValuesOfAFieldAreSentAsOne(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	ours, _ := clientAndTransport(t, server.URL)
	request, _ := http.NewRequest("GET", server.URL+"/", nil)
	request.Header["X-Many"] = []string{"a", "b"}
	request.Header["Cookie"] = []string{"a=1", "b=2"}
	response, err := ours.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if many, cookie := headerIn(server.onlyRequest(), "X-Many"), headerIn(server.onlyRequest(), "Cookie"); many != "a, b" || cookie != "a=1; b=2" {
		t.Errorf("X-Many %q, Cookie %q", many, cookie)
	}
}

func TestTheHTTPClientFollowsRedirectsAndKeepsCookies(t *testing.T) {
	server := serveReplies(t, reply("302 Found", "Location: /there?a=b\nSet-Cookie: c=d", ""), jsonReply(`"arrived"`))
	jar := &oneCookieJar{}
	client := &http.Client{Transport: &Transport{Client: newClient(t, server.URL)}, Jar: jar}
	response, err := client.Get(server.URL + "/here")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); string(body) != `"arrived"` || response.Request.URL.Path != "/there" {
		t.Errorf("body %s from %s", body, response.Request.URL)
	}
	if cookie := headerIn(server.requests()[1], "Cookie"); cookie != "c=d" {
		t.Errorf("Cookie: %q", cookie)
	}
}

type oneCookieJar struct{ cookies []*http.Cookie }

func (j *oneCookieJar) SetCookies(_ *url.URL, cookies []*http.Cookie) { j.cookies = cookies }
func (j *oneCookieJar) Cookies(*url.URL) []*http.Cookie               { return j.cookies }

func TestATransportRetriesAsItsClientIsSet(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""), reply("503 Busy", "Retry-After: 0", ""), jsonReply("{}"))
	ours, _ := clientAndTransport(t, server.URL, WithRetries(2))
	response, err := ours.Post(server.URL+"/", "text/plain", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 200 || len(server.requests()) != 3 || bodyIn(server.requests()[2]) != "body" {
		t.Errorf("status %d after %q", response.StatusCode, server.requests())
	}
}

func TestOtherOriginsAreRefusedOrGoToTheFallback(t *testing.T) {
	server, other := serveReplies(t, jsonReply("{}")), serveReplies(t, jsonReply(`"other"`))
	client := newClient(t, server.URL+"/api", WithBearer("s3cret"))
	for _, url := range []string{other.URL + "/api/x", server.URL + "/above"} {
		strict := &http.Client{Transport: &Transport{Client: client}}
		if _, err := strict.Get(url); !errors.Is(err, ErrInvalidURL) {
			t.Errorf("%s: %v", url, err)
		} else if !strings.Contains(err.Error(), "below the client's base URL") {
			t.Errorf("%s: the error does not describe the mistake: %v", url, err)
		}
	}
	lenient := &http.Client{Transport: &Transport{Client: client, Fallback: http.DefaultTransport}}
	response, err := lenient.Get(other.URL + "/x")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if authorization := headerIn(other.onlyRequest(), "Authorization"); authorization != "" {
		t.Errorf("another server received the client's credentials: %q", authorization)
	}
	response, err = lenient.Get(server.URL + "/api/x")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if authorization := headerIn(server.onlyRequest(), "Authorization"); authorization != "Bearer s3cret" {
		t.Errorf("Authorization: %q", authorization)
	}
}

// closeRecorder records whether a body was closed.
type closeRecorder struct {
	io.Reader
	closed bool
}

func (c *closeRecorder) Close() error {
	c.closed = true
	return nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken reader") }

func TestUnsupportedRequestsAreRefusedAndTheirBodyClosed(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	ours, _ := clientAndTransport(t, server.URL)
	for name, prepare := range map[string]func(*http.Request){
		"trailers":    func(r *http.Request) { r.Trailer = http.Header{"X-T": nil} },
		"Expect":      func(r *http.Request) { r.Header.Set("Expect", "200-ok") },
		"Connection":  func(r *http.Request) { r.Header.Set("Connection", "keep-alive, x-a") },
		"Upgrade":     func(r *http.Request) { r.Header.Set("Upgrade", "websocket") },
		"TE":          func(r *http.Request) { r.Header.Set("TE", "trailers") },
		"opaque":      func(r *http.Request) { r.URL.Opaque = "//x/y" },
		"CONNECT":     func(r *http.Request) { r.Method = "CONNECT" },
		"Latin-1":     func(r *http.Request) { r.Header.Set("X-Name", "gr\xfcn") },
		"short body":  func(r *http.Request) { r.ContentLength = 99 },
		"broken body": func(r *http.Request) { r.Body = &closeRecorder{Reader: brokenReader{}}; r.ContentLength = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			request, _ := http.NewRequest("POST", server.URL+"/", nil)
			request.Body = &closeRecorder{Reader: strings.NewReader("x")}
			request.ContentLength = 1
			prepare(request)
			_, err := ours.Transport.RoundTrip(request)
			var failed *Error
			if !errors.As(err, &failed) {
				t.Fatalf("error: %v", err)
			}
			if !request.Body.(*closeRecorder).closed {
				t.Error("the body is still open")
			}
		})
	}
	if requests := server.requests(); len(requests) > 0 {
		t.Errorf("the client sent %q", requests)
	}
}

func TestNetworkFailuresAreErrors(t *testing.T) {
	dead := deadAddress(t)
	ours, _ := clientAndTransport(t, dead)
	if _, err := ours.Get(dead); !errors.Is(err, ErrConnect) {
		t.Errorf("no server: %v", err)
	}
	closing := serve(t, func(string, int) (string, bool) { return "HTTP/1.1 200 OK\r\nConte", false })
	ours, _ = clientAndTransport(t, closing.URL)
	if _, err := ours.Get(closing.URL); !errors.Is(err, ErrClosed) {
		t.Errorf("a truncated head: %v", err)
	}
	silent, _ := serveSilence(t)
	ours, _ = clientAndTransport(t, silent.URL)
	ours.Timeout = 50 * time.Millisecond
	var asURL *url.Error
	_, err := ours.Get(silent.URL)
	// If its own timer fires first, http.Client keeps only the text of the error up to Go 1.20.
	replaced := err != nil && strings.Contains(err.Error(), "Client.Timeout exceeded")
	if !errors.As(err, &asURL) || !asURL.Timeout() || !(replaced || errors.Is(err, context.DeadlineExceeded)) {
		t.Errorf("silence: %v", err)
	}
	ours, _ = clientAndTransport(t, silent.URL)
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(20*time.Millisecond, cancel)
	request, _ := http.NewRequestWithContext(ctx, "GET", silent.URL, nil)
	if _, err := ours.Do(request); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
