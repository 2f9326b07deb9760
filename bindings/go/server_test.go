package sac

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A rawServer sends exactly the bytes that a test gives it, without an HTTP library.
type rawServer struct {
	t        *testing.T
	listener net.Listener
	URL      string
	respond  func(request string, index int) (reply string, keep bool)

	mu          sync.Mutex
	received    []string
	connections int
}

// serve answers each request with the result of a function. index counts from 0.
func serve(t *testing.T, respond func(request string, index int) (reply string, keep bool)) *rawServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{t: t, listener: listener, URL: "http://" + listener.Addr().String(), respond: respond}
	t.Cleanup(func() { listener.Close() })
	go s.accept()
	return s
}

// serveReplies answers with each reply in turn, and then always with the last one.
func serveReplies(t *testing.T, all ...string) *rawServer {
	t.Helper()
	return serve(t, func(_ string, index int) (string, bool) {
		if index >= len(all) {
			index = len(all) - 1
		}
		return all[index], true
	})
}

// jsonReply returns a complete response with a JSON body.
func jsonReply(body string) string {
	return reply("200 OK", "Content-Type: application/json", body)
}

// reply returns a complete response. fields are separated by line breaks.
func reply(status, fields, body string) string {
	head := "HTTP/1.1 " + status + "\r\n"
	if fields != "" {
		head += strings.ReplaceAll(fields, "\n", "\r\n") + "\r\n"
	}
	return head + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

func (s *rawServer) accept() {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.connections++
		s.mu.Unlock()
		go s.serve(connection)
	}
}

func (s *rawServer) serve(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for {
		request, err := readRaw(reader)
		if err != nil {
			return
		}
		s.mu.Lock()
		index := len(s.received)
		s.received = append(s.received, request)
		s.mu.Unlock()
		reply, keep := s.respond(request, index)
		if _, err := io.WriteString(connection, reply); err != nil || !keep {
			return
		}
	}
}

// readRaw reads the bytes of one request: its head, and a body of the length in Content-Length.
func readRaw(reader *bufio.Reader) (string, error) {
	var head strings.Builder
	length := 0
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return "", err
		}
		head.WriteString(line)
		if line == "\r\n" {
			break
		}
		if i := strings.IndexByte(line, ':'); i > 0 && strings.EqualFold(line[:i], "content-length") {
			length, _ = strconv.Atoi(strings.TrimSpace(line[i+1:]))
		}
	}
	body := make([]byte, length)
	_, err := io.ReadFull(reader, body)
	return head.String() + string(body), err
}

// requests returns the requests so far.
func (s *rawServer) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.received...)
}

// onlyRequest returns the only request, and fails the test if there is none or several.
func (s *rawServer) onlyRequest() string {
	s.t.Helper()
	requests := s.requests()
	if len(requests) != 1 {
		s.t.Fatalf("%d requests arrived, want 1: %q", len(requests), requests)
	}
	return requests[0]
}

func (s *rawServer) connectionCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// serveSilence starts a server that reads requests and never answers. received gets a value for each request.
func serveSilence(t *testing.T) (server *rawServer, received <-chan struct{}) {
	t.Helper()
	arrivals, done := make(chan struct{}, 100), make(chan struct{})
	t.Cleanup(func() { close(done) })
	server = serve(t, func(string, int) (string, bool) {
		arrivals <- struct{}{}
		<-done
		return "", false
	})
	return server, arrivals
}

// newClient returns a client that is closed after the test.
func newClient(t testing.TB, url string, options ...Option) *Client {
	t.Helper()
	client, err := New(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// headerIn returns the value of a header field in a raw request; "" if there is none.
func headerIn(raw, name string) string {
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		return "not a request: " + err.Error()
	}
	if name == "Host" {
		return request.Host
	}
	return strings.Join(request.Header.Values(name), " | ")
}

func bodyIn(raw string) string {
	_, body, _ := strings.Cut(raw, "\r\n\r\n")
	return body
}
