package sac

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestABodyIsStreamedToAWriter(t *testing.T) {
	text := strings.Repeat("0123456789", 100000)
	client := newClient(t, serveReplies(t, reply("200 OK", "", text)).URL)
	var out bytes.Buffer
	var last Progress
	response := mustGet(t, client, "/", Output(&out), OnProgress(func(_ context.Context, p Progress) bool {
		last = p
		return true
	}))
	if out.String() != text || len(response.Body) != 0 || string(response.JSON) != "{}" {
		t.Errorf("the writer got %d bytes, the response %d with JSON %s", out.Len(), len(response.Body), response.JSON)
	}
	if last.Received != int64(len(text)) || last.ToReceive != int64(len(text)) {
		t.Errorf("the last progress was %+v", last)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestACallbackCanEndAStream(t *testing.T) {
	client := newClient(t, serveReplies(t, reply("200 OK", "", strings.Repeat("x", 1000000))).URL)
	full := errors.New("the disk is full")
	if _, err := client.Get(background, "/", Output(failingWriter{full})); !errors.Is(err, ErrCancelled) || !errors.Is(err, full) {
		t.Errorf("a writer that fails: %v", err)
	} else if !strings.Contains(err.Error(), full.Error()) {
		t.Errorf("the error does not contain the writer's: %v", err)
	}
	stop := func(context.Context, Progress) bool { return false }
	if _, err := client.GetBinary(background, "/", OnProgress(stop)); !errors.Is(err, ErrCancelled) {
		t.Errorf("a ProgressFunc that returns false: %v", err)
	}
	broken := func(context.Context, Progress) bool { panic(full) }
	if _, err := client.GetBinary(background, "/", OnProgress(broken)); !errors.Is(err, ErrInternal) || !errors.Is(err, full) {
		t.Errorf("a ProgressFunc that panics: %v", err)
	}
	for _, option := range []RequestOption{Output(nil), OnProgress(nil)} {
		if _, err := client.Get(background, "/", option); !errors.Is(err, ErrNullArgument) {
			t.Errorf("a nil receiver: %v", err)
		}
	}
}

func TestABodyIsWrittenToAFile(t *testing.T) {
	client := newClient(t, serveReplies(t, reply("200 OK", "", "content"), reply("404 Not Found", "", `{"error":"none"}`)).URL)
	path := filepath.Join(t.TempDir(), "out")
	mustGet(t, client, "/", OutputFile(path))
	if text, err := os.ReadFile(path); err != nil || string(text) != "content" {
		t.Errorf("the file contains %q, %v", text, err)
	}
	missing := filepath.Join(t.TempDir(), "out")
	response, err := client.Get(background, "/", OutputFile(missing))
	if !errors.Is(err, ErrStatus) || response.JSON == nil {
		t.Errorf("an error response: %v", err)
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("an error response created a file: %v", err)
	}
}

func TestAFileAndAMultipartFormAreSent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	if _, err := client.Do(background, "PUT", "/", BodyFile("text/plain", path)); err != nil {
		t.Fatal(err)
	}
	if raw := server.requests()[0]; bodyIn(raw) != "from a file" || headerIn(raw, "Content-Type") != "text/plain" {
		t.Errorf("request: %q", raw)
	}
	_, err := client.Do(background, "POST", "/", Part("plain", "", "", []byte("a\x00b")),
		Part("picture", "p.png", "image/png", []byte("\x89\x00")), PartFile("notes", path, ""))
	if err != nil {
		t.Fatal(err)
	}
	if parts := partsOf(t, server.requests()[1]); parts != "plain||a\x00b;picture|p.png|\x89\x00;notes|notes.txt|from a file;" {
		t.Errorf("parts: %q", parts)
	}
	if _, err := client.Do(background, "PUT", "/", BodyFile("text/plain", path+".gone")); !errors.Is(err, ErrFile) {
		t.Errorf("a missing file: %v", err)
	}
}

func partsOf(t *testing.T, raw string) (all string) {
	t.Helper()
	_, parameters, err := mime.ParseMediaType(headerIn(raw, "Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(strings.NewReader(bodyIn(raw)), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		all += part.FormName() + "|" + part.FileName() + "|" + string(content) + ";"
	}
}

func TestOutcomesAreInTheOrderOfTheRequests(t *testing.T) {
	server := serve(t, func(request string, _ int) (string, bool) {
		target, _, _ := strings.Cut(strings.TrimPrefix(request, "GET /"), " ")
		return jsonReply(target), true
	})
	client := newClient(t, server.URL)
	var requests []*Request
	for i := 0; i < 20; i++ {
		request, err := NewRequest("GET", "/"+strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		requests = append(requests, request)
	}
	requests = append(requests, nil)
	outcomes := client.SendAll(background, requests, 4)
	for i, outcome := range outcomes[:20] {
		if outcome.Err != nil || string(outcome.Response.JSON) != strconv.Itoa(i) {
			t.Errorf("request %d: %+v", i, outcome)
		}
	}
	if !errors.Is(outcomes[20].Err, ErrNullArgument) {
		t.Errorf("a nil request: %+v", outcomes[20])
	}
	if outcome := client.SendAll(background, requests, 0)[7]; !errors.Is(outcome.Err, ErrInvalidArgument) || outcome.Response == nil {
		t.Errorf("parallel 0: %+v", outcome)
	}
}

func TestRequestsGoThroughAUnixSocketOrAProxy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	server := &rawServer{t: t, listener: listener, respond: func(string, int) (string, bool) { return jsonReply("{}"), true }}
	go server.accept()
	mustGet(t, newClient(t, "http://docker.example/v1", WithUnixSocket(path)), "/info")
	if raw := server.onlyRequest(); !strings.HasPrefix(raw, "GET /v1/info ") || headerIn(raw, "Host") != "docker.example" {
		t.Errorf("request: %q", raw)
	}

	proxy := serveReplies(t, jsonReply("{}"))
	client := newClient(t, "http://origin.example", WithProxy(proxy.URL))
	mustGet(t, client, "/through")
	if raw := proxy.onlyRequest(); !strings.HasPrefix(raw, "GET http://origin.example/through ") {
		t.Errorf("request: %q", raw)
	}
	if err := client.Set(WithProxyFromEnvironment(), WithProxy(""), WithUnixSocket("")); err != nil {
		t.Error(err)
	}
	if err := client.Set(WithProxy("gopher://x")); !errors.Is(err, ErrInvalidURL) {
		t.Errorf("a proxy of another kind: %v", err)
	}
}

func TestACookieJarKeepsTheServersCookies(t *testing.T) {
	server := serveReplies(t, reply("200 OK", "Set-Cookie: a=b; Path=/", "{}"), jsonReply("{}"))
	client := newClient(t, server.URL, WithCookieJar(true))
	mustGet(t, client, "/")
	mustGet(t, client, "/")
	if cookie := headerIn(server.requests()[1], "Cookie"); cookie != "a=b" {
		t.Errorf("Cookie: %q", cookie)
	}
}

func TestThePasswordOfAKeyIsUsedAndNotPrinted(t *testing.T) {
	client := newClient(t, "https://127.0.0.1:1", WithClientCertificatePassword("hunter2222"))
	key := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"
	certificate := "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
	err := client.Set(WithClientCertificate([]byte(certificate), []byte(key)))
	if !errors.Is(err, ErrCertificate) || strings.Contains(err.Error(), "hunter2222") {
		t.Errorf("a damaged key: %v", err)
	}
	if err := client.Set(WithClientCertificatePassword("")); err != nil {
		t.Errorf("no password: %v", err)
	}
}

func TestAnInvalidClientCertificateIsRefused(t *testing.T) {
	client := newClient(t, "https://127.0.0.1:1")
	if err := client.Set(WithClientCertificate([]byte("x"), []byte("s3cret"))); !errors.Is(err, ErrCertificate) {
		t.Errorf("from memory: %v", err)
	}
	if err := client.Set(WithClientCertificateFile("/no/such", "/file")); !errors.Is(err, ErrFile) {
		t.Errorf("from files: %v", err)
	}
}
