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

// A rawServer answers with bytes that the test has written down, so that nothing stands between.
type rawServer struct {
	t        *testing.T
	listener net.Listener
	URL      string
	answer   func(seen string, number int) (reply string, keep bool)

	mu          sync.Mutex
	requests    []string
	connections int
}

// serve answers each request with what a function returns; number counts from 0.
func serve(t *testing.T, answer func(seen string, number int) (reply string, keep bool)) *rawServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{t: t, listener: listener, URL: "http://" + listener.Addr().String(), answer: answer}
	t.Cleanup(func() { listener.Close() })
	go s.accept()
	return s
}

// replies answers with each of these in turn, and with the last one from then on.
func replies(t *testing.T, all ...string) *rawServer {
	t.Helper()
	return serve(t, func(_ string, number int) (string, bool) {
		if number >= len(all) {
			number = len(all) - 1
		}
		return all[number], true
	})
}

// jsonReply is a whole answer with a JSON body.
func jsonReply(body string) string {
	return reply("200 OK", "Content-Type: application/json", body)
}

// reply is a whole answer; the fields are separated by line breaks.
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
		go s.talk(connection)
	}
}

func (s *rawServer) talk(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for {
		seen, err := readRaw(reader)
		if err != nil {
			return
		}
		s.mu.Lock()
		number := len(s.requests)
		s.requests = append(s.requests, seen)
		s.mu.Unlock()
		reply, keep := s.answer(seen, number)
		if _, err := io.WriteString(connection, reply); err != nil || !keep {
			return
		}
	}
}

// readRaw reads one request as it came: its head, and as much body as its Content-Length says.
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

// seen are the requests that have come so far.
func (s *rawServer) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// only is the one request that has come.
func (s *rawServer) only() string {
	s.t.Helper()
	seen := s.seen()
	if len(seen) != 1 {
		s.t.Fatalf("%d requests came, not one: %q", len(seen), seen)
	}
	return seen[0]
}

func (s *rawServer) connectionCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// silence is a server that reads requests and never answers; what it closes tells when one has come.
func silence(t *testing.T) (server *rawServer, asked <-chan struct{}) {
	t.Helper()
	came, over := make(chan struct{}, 100), make(chan struct{})
	t.Cleanup(func() { close(over) })
	server = serve(t, func(string, int) (string, bool) {
		came <- struct{}{}
		<-over
		return "", false
	})
	return server, came
}

// newClient is a client that is closed with the test.
func newClient(t testing.TB, url string, options ...Option) *Client {
	t.Helper()
	client, err := New(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// headerIn is the value of a header field of a raw request; "" where there is none.
func headerIn(raw, name string) string {
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		return "no request: " + err.Error()
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
