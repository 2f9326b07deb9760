package sac

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// A gate holds back the rest of a body until it is opened.
type gate struct {
	opened chan struct{}
	once   sync.Once
}

func (g *gate) open() {
	g.once.Do(func() { close(g.opened) })
}

// serveHTTP starts a server that is stopped after the test.
func serveHTTP(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server
}

// serveGated answers with a first part of a body, and with the second part when the gate opens: at the latest at
// the end of the test.
func serveGated(t *testing.T, mediaType, first, second string) (*httptest.Server, *gate) {
	t.Helper()
	gate := &gate{opened: make(chan struct{})}
	server := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = io.WriteString(w, first)
		w.(http.Flusher).Flush()
		<-gate.opened
		_, _ = io.WriteString(w, second)
	})
	t.Cleanup(gate.open) // before server.Close, which waits for the handler
	return server, gate
}

// begun returns a response in chunks that does not end yet.
func begun(mediaType, piece string) string {
	return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: " + mediaType + "\r\n\r\n" + chunk(piece)
}

func chunk(piece string) string {
	return fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece)
}

// lastChunk is the end of a body in chunks.
const lastChunk = "0\r\n\r\n"

// mustOpen opens a stream, which is closed after the test.
func mustOpen(t *testing.T, client *Client, path string, options ...RequestOption) *Stream {
	t.Helper()
	stream, err := client.Stream(background, "GET", path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stream.Close() })
	return stream
}

// rest reads all records, and returns their data and the error that follows.
func rest(stream *Stream) (all []string, err error) {
	for {
		record, err := stream.Next()
		if err != nil {
			return all, err
		}
		all = append(all, string(record.Data))
	}
}

// waitUntilBusy waits until a goroutine reads from a stream.
func waitUntilBusy(t *testing.T, stream *Stream) {
	t.Helper()
	state := stream.state()
	waitFor(t, "a read", func() bool {
		state.mu.Lock()
		defer state.mu.Unlock()
		return state.isBusy
	})
}
