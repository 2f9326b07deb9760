package sac

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"
)

// received is a request as a server saw it.
type received struct {
	body   string
	length int64
	err    error
}

// serveEcho answers each request with its body. received gets a value for each request.
func serveEcho(t *testing.T) (url string, all <-chan received) {
	t.Helper()
	requests := make(chan received, 100)
	server := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		requests <- received{string(body), r.ContentLength, err}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(body)
	})
	return server.URL, requests
}

func TestABodyFromAReaderIsSentWithItsLengthOrInChunks(t *testing.T) {
	t.Parallel()
	url, requests := serveEcho(t)
	client := newClient(t, url)
	for _, size := range []int{0, 1, 700, 300000} {
		text := strings.Repeat("x", size)
		for _, length := range []int64{int64(size), -1} {
			for name, reader := range map[string]io.Reader{
				"whole":         strings.NewReader(text),
				"byte by byte":  iotest.OneByteReader(strings.NewReader(text)),
				"data with EOF": iotest.DataErrReader(strings.NewReader(text)),
			} {
				if size > 1000 && name == "byte by byte" {
					continue
				}
				body := BodyReader("text/plain", reader, length)
				response, err := client.Do(background, "POST", "/", body, Header("Accept", "application/octet-stream"))
				if err != nil || string(response.Body) != text {
					t.Errorf("%d of %d bytes, %s: %d bytes came back, %v", length, size, name, len(response.Body), err)
				}
				if request := <-requests; request.body != text || request.length != length {
					t.Errorf("%d of %d bytes, %s: the server received %d with the length %d", length, size, name,
						len(request.body), request.length)
				}
			}
		}
	}
}

func TestAReaderIsRepeatedOnlyFromItsBeginning(t *testing.T) {
	t.Parallel()
	reader := strings.NewReader("skipped, sent")
	if _, err := reader.Seek(9, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	var opened, closed int32
	open := func() (io.ReadCloser, error) {
		atomic.AddInt32(&opened, 1)
		return &countedCloser{strings.NewReader("sent"), &closed}, nil
	}
	for name, test := range map[string]struct {
		body RequestOption
		sent int
	}{
		"a seeker":    {BodyReader("text/plain", reader, 4), 3},
		"a function":  {BodyFunc("text/plain", 4, open), 3},
		"only a read": {BodyReader("text/plain", onlyReader("sent"), 4), 1},
	} {
		busy, moved := reply("503 Busy", "Retry-After: 0", ""), reply("307 Go", "Location: /there", "")
		server := serveReplies(t, busy, moved, jsonReply("{}"))
		client := newClient(t, server.URL, WithRetries(1))
		_, err := client.Do(background, "PUT", "/", test.body)
		if requests := server.requests(); len(requests) != test.sent || (err == nil) != (test.sent == 3) {
			t.Errorf("%s: %d requests, %v", name, len(requests), err)
		}
		for _, request := range server.requests() {
			if bodyIn(request) != "sent" {
				t.Errorf("%s: request %q", name, request)
			}
		}
	}
	if opened != 3 || closed != 3 {
		t.Errorf("%d bodies opened, %d closed", opened, closed)
	}
}

// onlyReader returns a reader that cannot begin again.
func onlyReader(text string) io.Reader {
	return io.MultiReader(strings.NewReader(text))
}

type countedCloser struct {
	io.Reader
	closed *int32
}

func (c *countedCloser) Close() error {
	atomic.AddInt32(c.closed, 1)
	return nil
}

type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panic("broken reader") }

type endlessReader struct{}

func (endlessReader) Read([]byte) (int, error) { return 0, nil }

func TestAnErrorOfAReaderIsTheErrorOfTheCall(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is broken")
	failToOpen := func() (io.ReadCloser, error) { return nil, broken }
	text := strings.NewReader("1")
	for name, test := range map[string]struct {
		body  RequestOption
		code  Code
		cause error
		says  string
	}{
		"at once":        {BodyReader("a/b", iotest.ErrReader(broken), -1), ErrCancelled, broken, broken.Error()},
		"with data":      {BodyReader("a/b", &failingReader{"data", broken}, 9), ErrCancelled, broken, broken.Error()},
		"cannot open":    {BodyFunc("a/b", -1, failToOpen), ErrCancelled, broken, broken.Error()},
		"no progress":    {BodyReader("a/b", endlessReader{}, -1), ErrCancelled, io.ErrNoProgress, ""},
		"a panic":        {BodyReader("a/b", panickingReader{}, -1), ErrInternal, nil, "broken reader"},
		"too short":      {BodyReader("a/b", strings.NewReader("123"), 4), ErrInvalidArgument, nil, "1 bytes before its length"},
		"too long":       {BodyReader("a/b", strings.NewReader("12345"), 4), ErrCancelled, nil, "longer than its length of 4"},
		"a length of -2": {BodyReader("a/b", text, -2), ErrInvalidArgument, nil, "body"},
		"a media type":   {BodyReader("a\nb", text, 1), ErrInvalidHeader, nil, "body"},
		"no reader":      {BodyReader("a/b", nil, 1), ErrNullArgument, nil, "BodyReader"},
		"no function":    {BodyFunc("a/b", 1, nil), ErrNullArgument, nil, "BodyFunc"},
		"two bodies":     {combineOptions(JSON(1), BodyReader("a/b", text, 1)), ErrInvalidArgument, nil, "another kind"},
	} {
		server := serveReplies(t, jsonReply("{}"))
		client := newClient(t, server.URL, WithRetries(2), WithBackoff(time.Millisecond, time.Millisecond))
		response, err := client.Do(background, "PUT", "/", test.body)
		if !errors.Is(err, test.code) || response.Code != test.code && test.code != ErrInternal {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if test.cause != nil && !errors.Is(err, test.cause) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
		if requests := server.requests(); len(requests) > 0 {
			t.Errorf("%s: the server received a complete request: %q", name, requests)
		}
	}
}

func TestAReaderThatCannotBeginAgainIsTheErrorOfTheCall(t *testing.T) {
	t.Parallel()
	broken := errors.New("cannot seek")
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""))
	body := BodyReader("a/b", &brokenSeeker{strings.NewReader("1"), broken}, 1)
	if _, err := newClient(t, server.URL, WithRetries(1)).Do(background, "PUT", "/", body); !errors.Is(err, broken) {
		t.Errorf("error: %v", err)
	}
}

// A failingReader returns data together with an error.
type failingReader struct {
	text string
	err  error
}

func (r *failingReader) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	r.text = ""
	return n, r.err
}

// A brokenSeeker knows its position, but cannot change it.
type brokenSeeker struct {
	io.Reader
	err error
}

func (s *brokenSeeker) Seek(_ int64, whence int) (int64, error) {
	if whence == io.SeekCurrent {
		return 0, nil
	}
	return 0, s.err
}

func TestARequestWithAReaderIsSentByOneCallAtATime(t *testing.T) {
	t.Parallel()
	url, requests := serveEcho(t)
	client := newClient(t, url)
	accept := Header("Accept", "application/octet-stream")
	request, err := NewRequest("PUT", "/", BodyReader("text/plain", strings.NewReader("again"), 5), accept)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 2; i++ {
		stream, err := client.SendStream(background, request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Send(background, request); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("while another call sends it: %v", err)
		}
		if body, err := io.ReadAll(stream); err != nil || string(body) != "again" {
			t.Errorf("%s, %v", body, err)
		}
		if request := <-requests; request.body != "again" {
			t.Errorf("request %d: %+v", i, request)
		}
	}
	once, err := NewRequest("PUT", "/", BodyReader("text/plain", onlyReader("once"), 4), accept)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Send(background, once); err != nil {
		t.Error(err)
	}
	if _, err := client.Send(background, once); err == nil || !strings.Contains(err.Error(), "read before") {
		t.Errorf("a reader that was read: %v", err)
	}
}

func TestTheContextClosesABodyWhoseReadWaits(t *testing.T) {
	t.Parallel()
	url, _ := serveEcho(t)
	client := newClient(t, url)
	for end, code := range map[error]Code{context.Canceled: ErrCancelled, context.DeadlineExceeded: ErrTimeout} {
		isCancel := end == context.Canceled
		ctx, cancel := context.WithCancel(background)
		if !isCancel {
			ctx, cancel = context.WithTimeout(background, 50*time.Millisecond)
		}
		reader, writer := io.Pipe()
		go func() {
			_, _ = writer.Write([]byte("first"))
			if isCancel {
				cancel()
			}
		}()
		body := BodyFunc("text/plain", -1, func() (io.ReadCloser, error) { return reader, nil })
		response, err := client.Do(ctx, "PUT", "/", body)
		if !errors.Is(err, end) || !errors.Is(err, code) || response.Code != code {
			t.Errorf("%v: %v", end, err)
		}
		cancel()
	}
}

// echoChunks answers the only request with its own chunks, while it arrives.
func echoChunks(t *testing.T) (url string) {
	t.Helper()
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
		for line := ""; err == nil && line != "\r\n"; {
			line, err = reader.ReadString('\n')
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		_, _ = io.Copy(connection, reader)
	}()
	return "http://" + listener.Addr().String()
}

// longText is more than all buffers of both systems together.
func longText() string {
	return strings.Repeat("0123456789abcdef", 2<<20)
}

func TestAResponseIsReadWhileItsRequestIsSent(t *testing.T) {
	t.Parallel()
	text := longText()
	body := BodyReader("text/plain", strings.NewReader(text), -1)
	stream, err := newClient(t, echoChunks(t)).Stream(background, "POST", "/", body)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if body, err := io.ReadAll(stream); err != nil || string(body) != text {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}
