package sac

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// mustGetHTTP gets a response, whose body is closed after the test.
func mustGetHTTP(t *testing.T, client *http.Client, url string) *http.Response {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func TestATransportReturnsTheHeadBeforeTheBodyEnds(t *testing.T) {
	t.Parallel()
	server, gate := serveGated(t, "text/plain", "first", "last")
	ours, _ := clientAndTransport(t, server.URL)
	response := mustGetHTTP(t, ours, server.URL)
	first := make([]byte, 5)
	if _, err := io.ReadFull(response.Body, first); err != nil || string(first) != "first" {
		t.Errorf("%q, %v", first, err)
	}
	gate.open()
	if last, err := io.ReadAll(response.Body); err != nil || string(last) != "last" {
		t.Errorf("%q, %v", last, err)
	}
	if n, err := response.Body.Read(first); n != 0 || err != io.EOF {
		t.Errorf("after the end: %d, %v", n, err)
	}
}

func TestATransportKeepsAConnectionWhoseBodyWasRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		use         func(io.ReadCloser) error
		reply       string
		connections int
	}{
		"read to the end": {discard, jsonReply("[1]"), 1},
		"decoded":         {func(body io.ReadCloser) error { return json.NewDecoder(body).Decode(new(any)) }, jsonReply("[1]"), 1},
		"no body":         {io.ReadCloser.Close, reply("200 OK", "", ""), 1},
		"an error answer": {discard, reply("404 Not Found", "", "[1]"), 1},
		"closed early":    {io.ReadCloser.Close, begun("text/plain", "first"), 2},
	} {
		server := serveReplies(t, test.reply)
		ours, _ := clientAndTransport(t, server.URL)
		for i := 0; i < 2; i++ {
			response := mustGetHTTP(t, ours, server.URL)
			if err := test.use(response.Body); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			response.Body.Close()
			if _, err := response.Body.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose && name == "closed early" {
				t.Errorf("%s: a read after Close: %v", name, err)
			}
		}
		if count := server.connectionCount(); count != test.connections {
			t.Errorf("%s: %d connections", name, count)
		}
	}
}

func discard(body io.ReadCloser) error {
	_, err := io.Copy(io.Discard, body)
	return err
}

func TestCloseOfABodyClosesTheConnectionAndEndsARead(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	server := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done() // The client has closed the connection.
		close(gone)
	})
	ours, _ := clientAndTransport(t, server.URL)
	response := mustGetHTTP(t, ours, server.URL)
	ended := make(chan error)
	go func() { ended <- discard(response.Body) }()
	waitUntilBusy(t, response.Body.(*responseBody).stream)
	response.Body.Close()
	if err := <-ended; err != http.ErrBodyReadAfterClose {
		t.Errorf("the read: %v", err)
	}
	<-gone
}

func TestABodyThatIsCutIsReadUpToThere(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"a length":        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart",
		"chunks":          begun("text/plain", "part"),
		"an error answer": "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\npart",
	} {
		answer := answer
		server := serve(t, func(string, int) (string, bool) { return answer, false })
		ours, theirs := clientAndTransport(t, server.URL)
		for _, client := range []*http.Client{ours, theirs} {
			response := mustGetHTTP(t, client, server.URL)
			if body, err := io.ReadAll(response.Body); string(body) != "part" || err != io.ErrUnexpectedEOF {
				t.Errorf("%s: %q, %v", name, body, err)
			}
		}
	}
}

func TestATransportClosesAConnectionIfARequestSaysSo(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*http.Request){
		"Request.Close": func(r *http.Request) { r.Close = true },
		"Connection":    func(r *http.Request) { r.Header.Set("Connection", "Close") },
	} {
		server := serveReplies(t, jsonReply("{}"))
		ours, _ := clientAndTransport(t, server.URL)
		for i := 0; i < 2; i++ {
			request, _ := http.NewRequest("GET", server.URL, nil)
			prepare(request)
			response, err := ours.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				t.Error(err)
			}
			response.Body.Close()
		}
		if connection := headerIn(server.requests()[0], "Connection"); server.connectionCount() != 2 || connection != "close" {
			t.Errorf("%s: %d connections, Connection: %q", name, server.connectionCount(), connection)
		}
	}
}

func TestTheContextOrATimeoutEndsAReadOfABody(t *testing.T) {
	t.Parallel()
	server, _ := serveGated(t, "text/plain", "first", "last")
	ours, _ := clientAndTransport(t, server.URL)
	ctx, cancel := context.WithCancel(background)
	request, _ := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
	response, err := ours.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	first := make([]byte, len("first"))
	if _, err := io.ReadFull(response.Body, first); err != nil {
		t.Fatal(err)
	}
	go func() {
		waitUntilBusy(t, response.Body.(*responseBody).stream)
		cancel()
	}()
	if body, err := io.ReadAll(response.Body); len(body) > 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", body, err)
	}
	ours.Timeout = 200 * time.Millisecond
	response = mustGetHTTP(t, ours, server.URL)
	var timeout interface{ Timeout() bool }
	if body, err := io.ReadAll(response.Body); string(body) != "first" || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%q, %v", body, err)
	}
}

func TestATransportSendsABodyWhileItIsWritten(t *testing.T) {
	t.Parallel()
	arrived := make(chan string)
	server := serveHTTP(t, func(_ http.ResponseWriter, r *http.Request) {
		first := make([]byte, 5)
		_, _ = io.ReadFull(r.Body, first)
		arrived <- string(first)
		last, _ := io.ReadAll(r.Body)
		arrived <- string(last)
	})
	for _, length := range []int64{-1, 9} {
		ours, _ := clientAndTransport(t, server.URL)
		reader, writer := io.Pipe()
		request, _ := http.NewRequest("POST", server.URL, reader)
		request.ContentLength = length
		ended := make(chan error)
		go func() {
			response, err := ours.Do(request)
			if err == nil {
				err = response.Body.Close()
			}
			ended <- err
		}()
		_, _ = io.WriteString(writer, "first")
		if first := <-arrived; first != "first" {
			t.Errorf("%q arrived", first)
		}
		_, _ = io.WriteString(writer, "last")
		writer.Close()
		if last := <-arrived; last != "last" {
			t.Errorf("%q arrived", last)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestATransportOpensABodyAgainForARetry(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""), jsonReply("{}"))
	ours, _ := clientAndTransport(t, server.URL, WithRetries(2))
	first, second := &closeRecorder{Reader: strings.NewReader("body")}, &closeRecorder{Reader: strings.NewReader("body")}
	request, _ := http.NewRequest("PUT", server.URL, first)
	request.ContentLength = 4
	request.GetBody = func() (io.ReadCloser, error) { return second, nil }
	response, err := ours.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if requests := server.requests(); len(requests) != 2 || !first.closed || !second.closed {
		t.Errorf("requests %q, closed: %v, %v", requests, first.closed, second.closed)
	}
}

func TestABodyWithoutGetBodyIsSentOnce(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""), jsonReply("{}"))
	ours, _ := clientAndTransport(t, server.URL, WithRetries(2))
	body := &closeRecorder{Reader: strings.NewReader("body")}
	request, _ := http.NewRequest("PUT", server.URL, body)
	request.ContentLength = 4
	response, err := ours.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if requests := server.requests(); response.StatusCode != 503 || len(requests) != 1 || !body.closed {
		t.Errorf("status %d, requests %q, closed: %v", response.StatusCode, requests, body.closed)
	}
}

func TestAnEmptyBodyOfUnknownLengthIsNotSentWithAGet(t *testing.T) {
	t.Parallel()
	requests := make(chan string, 2)
	server := serveHTTP(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- fmt.Sprintf("%q %q", r.TransferEncoding, body)
	})
	for _, text := range []string{"", "query"} {
		ours, theirs := clientAndTransport(t, server.URL)
		for _, client := range []*http.Client{ours, theirs} {
			request, _ := http.NewRequest("GET", server.URL, io.MultiReader(strings.NewReader(text)))
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
		if got, want := <-requests, <-requests; got != want {
			t.Errorf("a body of %q: %s, through net/http: %s", text, got, want)
		}
	}
}
