package sac

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// errorMember returns the member "error" of a JSON object.
func errorMember(t *testing.T, text json.RawMessage) string {
	t.Helper()
	var object struct{ Error string }
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatalf("the JSON is not well-formed: %v in %s", err, text)
	}
	return object.Error
}

func TestAStatusOf400AndAboveIsAnErrorWithItsResponse(t *testing.T) {
	server := serveReplies(t, reply("404 Not Found", "", `{"message": "no such user"}`))
	response, err := newClient(t, server.URL).Get(background, "/v1/users/9?token=hidden")

	var failed *Error
	if !errors.As(err, &failed) || !errors.Is(err, ErrStatus) || errors.Is(err, ErrTimeout) {
		t.Fatalf("error: %v", err)
	}
	if failed.Status != 404 || failed.Message != "no such user" || failed.Response != response {
		t.Errorf("error: %+v", failed)
	}
	if text := err.Error(); text != "sac: GET /v1/users/9: no such user (status 404)" {
		t.Errorf("error text: %q", text)
	}
	if response.Code != ErrStatus || errorMember(t, response.JSON) != "no such user" {
		t.Errorf("response: %+v with %s", response, response.JSON)
	}
}

func TestEachKindOfFailureHasItsCode(t *testing.T) {
	dead := deadAddress(t)
	cases := []struct {
		name    string
		reply   string
		options []RequestOption
		url     string
		code    Code
		status  int
	}{
		{name: "a page", reply: reply("200 OK", "", "<html>"), code: ErrNotJSON, status: 200},
		{name: "429", reply: reply("429 Slow Down", "", "{}"), code: ErrRateLimited, status: 429},
		{name: "not HTTP", reply: "hello\r\n\r\n", code: ErrProtocol},
		{name: "a truncated body", reply: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", code: ErrClosed, status: 200},
		{name: "too large", reply: jsonReply("[1,2,3]"), options: []RequestOption{MaxBody(3)}, code: ErrTooLarge, status: 200},
		{name: "too many redirects", reply: reply("302 Found", "Location: /", ""), options: []RequestOption{Redirects(2)},
			code: ErrRedirect, status: 302},
		{name: "no server", url: dead, code: ErrConnect},
		{name: "no such host", url: "http://no-such-host.invalid", code: ErrResolve},
	}
	for _, test := range cases {
		test := test
		t.Run(test.name, func(t *testing.T) {
			url := test.url
			if url == "" {
				url = serve(t, func(string, int) (string, bool) {
					return test.reply, test.code != ErrClosed && test.code != ErrProtocol
				}).URL
			}
			response, err := newClient(t, url).Get(background, "/", test.options...)
			if !errors.Is(err, test.code) || response.Code != test.code || response.Status != test.status {
				t.Fatalf("code %v, status %d, error %v", response.Code, response.Status, err)
			}
			if text := err.Error(); strings.Count(text, "GET") != 1 || !strings.HasPrefix(text, "sac: GET ") {
				t.Errorf("the error does not name the request exactly once: %q", text)
			}
			if member := errorMember(t, response.JSON); member != err.(*Error).Message {
				t.Errorf(`the JSON says %q, the error %q`, member, err.(*Error).Message)
			}
		})
	}
}

func TestInvalidInputIsRefusedAndNothingIsSent(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	cases := []struct {
		name         string
		method, path string
		option       RequestOption
		code         Code
		says         string
	}{
		{"a method", "GE T", "/", nil, ErrInvalidMethod, ""},
		{"a method with NUL", "GET\x00", "/", nil, ErrInvalidMethod, ""},
		{"CONNECT", "CONNECT", "/", nil, ErrInvalidMethod, ""},
		{"a path", "GET", "x", nil, ErrInvalidPath, "slash"},
		{"a path with NUL", "GET", "/\x00", nil, ErrInvalidPath, ""},
		{"a path that is not UTF-8", "GET", "/\xff", nil, ErrInvalidUTF8, ""},
		{"a header name", "GET", "/", Header("a b", "x"), ErrInvalidHeader, `"a b"`},
		{"a header value", "GET", "/", Header("X-Key", "s3cret\r\n"), ErrInvalidHeader, `"X-Key"`},
		{"a header value with NUL", "GET", "/", Header("X-Key", "s3cret\x00"), ErrInvalidHeader, `"X-Key"`},
		{"a framing header", "GET", "/", Header("Content-Length", "1"), ErrInvalidHeader, "Content-Length"},
		{"a query with NUL", "GET", "/", Query("q", "s3cret\x00"), ErrInvalidArgument, `"q"`},
		{"a query that is not UTF-8", "GET", "/", Query("q", "\xff"), ErrInvalidUTF8, `"q"`},
		{"a form field with NUL", "GET", "/", Form("f\x00", "x"), ErrInvalidArgument, "form field"},
		{"raw JSON", "POST", "/", JSON(json.RawMessage("{s3cret")), ErrInvalidJSON, "column 2"},
		{"raw JSON with NUL", "POST", "/", JSON(json.RawMessage("{}\x00s3cret")), ErrInvalidJSON, "JSON"},
		{"a value that is no JSON", "POST", "/", JSON(make(chan int)), ErrInvalidJSON, "JSON"},
		{"a media type", "POST", "/", Body("a\nb", nil), ErrInvalidHeader, "body"},
		{"an empty idempotency key", "POST", "/", IdempotencyKey(""), ErrInvalidHeader, "idempotency key"},
		{"a negative timeout", "GET", "/", Timeout(-1), ErrInvalidArgument, "Timeout"},
		{"negative retries", "GET", "/", Retries(-1), ErrInvalidArgument, "Retries"},
		{"a backoff upside down", "GET", "/", Backoff(2*time.Second, time.Second), ErrInvalidArgument, "Backoff"},
		{"a status", "GET", "/", RetryStatuses(99), ErrInvalidArgument, "RetryStatuses"},
		{"a negative status", "GET", "/", RetryStatuses(-200), ErrInvalidArgument, "RetryStatuses"},
		{"too many statuses", "GET", "/", RetryStatuses(make([]int, 501)...), ErrInvalidArgument, "RetryStatuses"},
		{"two bodies", "POST", "/", combineOptions(Body("a/b", []byte("x")), JSON(1)), ErrInvalidArgument, "another kind"},
		{"two bodies the other way", "POST", "/", combineOptions(JSON(1), Body("a/b", []byte("x"))), ErrInvalidArgument, "another kind"},
		{"a form and a body", "POST", "/", combineOptions(Form("a", "b"), JSON(1)), ErrInvalidArgument, "JSON"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			var options []RequestOption
			if test.option != nil {
				options = append(options, test.option)
			}
			response, err := client.Do(background, test.method, test.path, options...)
			if !errors.Is(err, test.code) || response.Code != test.code || response.Attempts != 0 {
				t.Fatalf("code %v, error %v", response.Code, err)
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error: %v", err)
			}
			if errorMember(t, response.JSON) == "" {
				t.Errorf("the JSON has no error: %s", response.JSON)
			}
		})
	}
	if requests := server.requests(); len(requests) > 0 {
		t.Errorf("the client sent %q", requests)
	}
}

func combineOptions(first, second RequestOption) RequestOption {
	return func(r *Request) error {
		if err := first(r); err != nil {
			return err
		}
		return second(r)
	}
}

func TestNilOptionsDoNothing(t *testing.T) {
	client := newClient(t, serveReplies(t, jsonReply("{}")).URL, nil, WithTimeout(time.Minute), nil)
	if _, err := client.Get(background, "/", nil, Query("a", "b"), nil); err != nil {
		t.Error(err)
	}
}

func TestBytesAndReadersAreRefusedAsJSONValues(t *testing.T) {
	client := newClient(t, "http://127.0.0.1:1")
	for _, text := range []any{strings.NewReader("{}"), bytes.NewBufferString("{}"), []byte("{}")} {
		if _, err := client.Post(background, "/", text); !errors.Is(err, ErrInvalidJSON) {
			t.Errorf("%T: %v", text, err)
		}
	}
}

func TestInvalidOptionsAreNamedWithoutTheirSecrets(t *testing.T) {
	cases := []struct {
		name   string
		option Option
		code   Code
		says   string
	}{
		{"a header", WithHeader("X-Key", "s3cret\n"), ErrInvalidHeader, `"X-Key"`},
		{"a bearer token", WithBearer("s3cret\n"), ErrInvalidHeader, "bearer token"},
		{"a bearer token with NUL", WithBearer("s3cret\x00"), ErrInvalidHeader, "bearer token"},
		{"a digest user", WithDigestAuth("s3:cret", "s3cret"), ErrInvalidArgument, "authentication"},
		{"a user name", WithBasicAuth("s3:cret", "s3cret"), ErrInvalidArgument, "authentication"},
		{"a cookie", WithCookie("c", "s3cret;"), ErrInvalidCookie, `"c"`},
		{"a signed cookie", WithSignedCookie("c", json.RawMessage("[1]"), "k", "s3cret", DigestSHA1), ErrInvalidJSON, `"c"`},
		{"a digest", WithSignedCookie("c", json.RawMessage("{}"), "k", "s3cret", 9), ErrInvalidArgument, `"c"`},
		{"a timeout", WithTimeout(-1), ErrInvalidArgument, "WithTimeout"},
		{"a number", WithRedirects(-1), ErrInvalidArgument, "WithRedirects"},
		{"a backoff", WithBackoff(2, 1), OK, ""},
		{"a backoff upside down", WithBackoff(time.Hour, time.Second), ErrInvalidArgument, "WithBackoff"},
		{"statuses", WithRetryStatuses(99), ErrInvalidArgument, "WithRetryStatuses"},
		{"a status beyond 16 bits", WithRetryStatuses(65536 + 500), ErrInvalidArgument, "WithRetryStatuses"},
		{"a rate limit", WithRateLimit(1, 0, 1), ErrInvalidArgument, "WithRateLimit"},
		{"a negative rate limit", WithRateLimit(-1, 1, 1), ErrInvalidArgument, "WithRateLimit"},
		{"a file", WithCAFile("/no/such/file"), ErrFile, "/no/such/file"},
		{"certificates", WithCAPEM([]byte("none")), ErrCertificate, "WithCAPEM"},
		{"a TLS version", WithMinTLS(7), ErrInvalidArgument, "WithMinTLS"},
		{"a log level", WithLogFunc(9, func(context.Context, LogLevel, string) {}), ErrInvalidArgument, "WithLogFunc"},
		{"a user agent", WithUserAgent("a\nb"), ErrInvalidHeader, "WithUserAgent"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			client, err := New("http://127.0.0.1:1", test.option)
			if test.code == OK {
				if err != nil {
					t.Fatal(err)
				}
				client.Close()
				return
			}
			if client != nil || !errors.Is(err, test.code) {
				t.Fatalf("client %v, error %v", client, err)
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "s3") {
				t.Errorf("error: %v", err)
			}
		})
	}
	for _, url := range []string{"", "ftp://h", "http://h/?q", "http://h\x00"} {
		if _, err := New(url); !errors.Is(err, ErrInvalidURL) {
			t.Errorf("base URL %q: %v", url, err)
		}
	}
	if _, err := New("api.example"); err == nil || !strings.Contains(err.Error(), "http:// or https://") {
		t.Errorf("the error does not describe a valid base URL: %v", err)
	}
}

func TestEveryCodeHasANameAndASentence(t *testing.T) {
	if name := ErrRateLimited.Name(); name != "SAC_ERR_RATE_LIMITED" {
		t.Errorf("name: %s", name)
	}
	if Code(-1).Name() != "SAC_ERR_UNKNOWN" || ErrTimeout.Error() != "sac: a time limit was exceeded" {
		t.Errorf("%s: %s", Code(-1).Name(), ErrTimeout.Error())
	}
	for text, word := range map[string]string{
		JSONRepaired.String(): "repaired", TypeObject.String(): "object", LogTrace.String(): "trace",
		JSONState(9).String(): "JSONState(9)", JSONType(9).String(): "JSONType(9)", LogLevel(9).String(): "LogLevel(9)",
	} {
		if text != word {
			t.Errorf("%q, want %q", text, word)
		}
	}
}

func TestATimeoutIsATimeoutOfNetError(t *testing.T) {
	server, _ := serveSilence(t)
	_, err := newClient(t, server.URL).Get(background, "/", Timeout(20*time.Millisecond))
	var asNet net.Error
	if !errors.As(err, &asNet) || !asNet.Timeout() || !errors.Is(err, ErrTimeout) {
		t.Errorf("error: %v", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("no context had a deadline")
	}
}

// deadAddress returns the URL of a port on which no server listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}
