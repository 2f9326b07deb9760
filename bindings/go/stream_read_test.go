package sac

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestTheHeadAndEachRecordAreThereBeforeTheBodyEnds(t *testing.T) {
	t.Parallel()
	server, gate := serveGated(t, "application/x-ndjson", "{\"a\":1}\n[2", "]\n")
	stream := mustOpen(t, newClient(t, server.URL, WithJournal(true)), "/")
	head := stream.Head
	if head.Status != 200 || head.Header.Get("Content-Type") != "application/x-ndjson" || string(head.JSON) != "{}" ||
		len(head.Body) != 0 || len(head.Journal()) != 1 {
		t.Errorf("head: %+v", head)
	}
	var first struct{ A int }
	record, err := stream.Next()
	if err == nil {
		err = record.Decode(&first)
	}
	if err != nil || first.A != 1 || record.Type != "" || record.ID != "" {
		t.Errorf("%+v, %v", record, err)
	}
	gate.open()
	if records, err := rest(stream); err != io.EOF || !reflect.DeepEqual(records, []string{"[2]"}) {
		t.Errorf("%q, %v", records, err)
	}
	if _, err := stream.Next(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
	if string(record.Data) != `{"a":1}` {
		t.Errorf("a later record changed an earlier one: %s", record.Data)
	}
}

func TestBytesAreReadAsTheyCome(t *testing.T) {
	t.Parallel()
	server, gate := serveGated(t, "text/plain", "first", "last")
	stream := mustOpen(t, newClient(t, server.URL), "/")
	first := make([]byte, 5)
	if _, err := io.ReadFull(stream, first); err != nil || string(first) != "first" {
		t.Errorf("%q, %v", first, err)
	}
	if n, err := stream.Read(nil); n != 0 || err != nil {
		t.Errorf("no room: %d, %v", n, err)
	}
	gate.open()
	if last, err := io.ReadAll(stream); err != nil || string(last) != "last" {
		t.Errorf("%q, %v", last, err)
	}
}

func TestAnInterruptedEventStreamContinuesAfterItsLastEvent(t *testing.T) {
	t.Parallel()
	events := []string{"id: 1\ndata: a\n\nevent: note\nid: 2\ndata: b\ndata: c\n\nid: 3\ndata: lost", "data: d\n\n"}
	server := serve(t, func(_ string, index int) (string, bool) {
		if index < len(events) {
			return begun("text/event-stream", events[index]), false
		}
		return "HTTP/1.1 204 No Content\r\n\r\n", true
	})
	client := newClient(t, server.URL, WithRetries(1), WithBackoff(time.Millisecond, time.Millisecond))
	stream := mustOpen(t, client, "/", Records(RecordsEvents), LastEventID("0"))
	var records []Record
	for {
		record, err := stream.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
	want := []Record{{"message", "1", []byte("a")}, {"note", "2", []byte("b\nc")}, {"message", "2", []byte("d")}}
	if !reflect.DeepEqual(records, want) {
		t.Errorf("records: %q", records)
	}
	var ids []string
	for _, request := range server.requests() {
		ids = append(ids, headerIn(request, "Last-Event-Id"))
	}
	if !reflect.DeepEqual(ids, []string{"0", "2", "2"}) {
		t.Errorf("Last-Event-ID: %q", ids)
	}
	if accept := headerIn(server.requests()[0], "Accept"); accept != "text/event-stream" {
		t.Errorf("Accept: %q", accept)
	}
}

func TestALargeArrayIsReadElementByElement(t *testing.T) {
	t.Parallel()
	const count = 50000
	server := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		separator := "["
		for i := 0; i < count; i++ {
			fmt.Fprintf(w, "%s{\"number\": %d}\n", separator, i)
			separator = ","
		}
		fmt.Fprint(w, "]")
	})
	stream := mustOpen(t, newClient(t, server.URL, WithMaxBody(1000)), "/")
	for i := 0; i < count; i++ {
		record, err := stream.Next()
		element := struct{ Number int }{-1}
		if err == nil {
			err = record.Decode(&element)
		}
		if err != nil || element.Number != i {
			t.Fatalf("element %d: %s, %v", i, record.Data, err)
		}
	}
	if _, err := stream.Next(); err != io.EOF {
		t.Errorf("the end: %v", err)
	}
}

func TestARecordIsRepairedOrAnErrorAndTheStreamGoesOn(t *testing.T) {
	t.Parallel()
	events := "data: {'a': 1,}\n\ndata: [DONE\n\ndata: <p>\n\ndata: {\"a\": 2}\n\n"
	server := serveReplies(t, reply("200 OK", "Content-Type: text/event-stream", events))
	stream := mustOpen(t, newClient(t, server.URL), "/")
	for i, want := range []string{`{"a": 1}`, `["DONE"]`, "", `{"a": 2}`} {
		record, err := stream.Next()
		if err != nil {
			t.Fatal(err)
		}
		text, err := record.JSON()
		if want == "" {
			var value any
			if decodeErr := record.Decode(&value); !errors.Is(err, ErrNotJSON) || !errors.Is(decodeErr, ErrNotJSON) {
				t.Errorf("record %d: %v, %v", i, err, decodeErr)
			}
			continue
		}
		if err != nil || strings.ReplaceAll(string(text), " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("record %d: %s, %v", i, text, err)
		}
	}
}

func TestAStreamIsReadByRecordsOrAsBytes(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, reply("200 OK", "Content-Type: application/x-ndjson", "1\n2\n3\n"))
	stream := mustOpen(t, newClient(t, server.URL), "/")
	if record, err := stream.Next(); err != nil || string(record.Data) != "1" {
		t.Errorf("%s, %v", record.Data, err)
	}
	if _, err := stream.Read(make([]byte, 9)); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("Read after Next: %v", err)
	}
	if records, err := rest(stream); err != io.EOF || !reflect.DeepEqual(records, []string{"2", "3"}) {
		t.Errorf("%q, %v", records, err)
	}
	stream = mustOpen(t, newClient(t, server.URL), "/")
	if _, err := io.ReadFull(stream, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if record, err := stream.Next(); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("Next after Read: %s, %v", record.Data, err)
	}
}

func TestAnErrorAnswerIsCompleteInTheHead(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, reply("404 Not Found", "", `{"error": "no such list"}`))
	stream, err := newClient(t, server.URL).Stream(background, "GET", "/lists/9")
	var failed *Error
	if !errors.Is(err, ErrStatus) || !errors.As(err, &failed) || failed.Message != "no such list" {
		t.Fatalf("error: %v", err)
	}
	if failed.Response != stream.Head {
		t.Error("the error has another response")
	}
	if stream.Head.Status != 404 || string(stream.Head.JSON) != `{"error": "no such list"}` {
		t.Errorf("head: %+v", stream.Head)
	}
	if _, again := stream.Read(make([]byte, 9)); again != err {
		t.Errorf("Read: %v", again)
	}
	if _, again := stream.Next(); again != err {
		t.Errorf("Next: %v", again)
	}
	stream.Close()
}

func TestAStreamThatCannotBeOpenedIsAnError(t *testing.T) {
	t.Parallel()
	client := newClient(t, deadAddress(t))
	for name, test := range map[string]struct {
		path    string
		options []RequestOption
		code    Code
	}{
		"no server":       {"/", nil, ErrConnect},
		"a path":          {"x", nil, ErrInvalidPath},
		"a kind":          {"/", []RequestOption{Records(9)}, ErrInvalidArgument},
		"a negative kind": {"/", []RequestOption{Records(-1)}, ErrInvalidArgument},
		"an ID":           {"/", []RequestOption{LastEventID("a\nb")}, ErrInvalidHeader},
		"an ID with NUL":  {"/", []RequestOption{LastEventID("a\x00")}, ErrInvalidHeader},
		"an output":       {"/", []RequestOption{Output(io.Discard)}, ErrInvalidArgument},
	} {
		stream, err := client.Stream(background, "GET", test.path, test.options...)
		if !errors.Is(err, test.code) || stream.Head.Code != test.code {
			t.Errorf("%s: %v", name, err)
		}
		if _, again := stream.Next(); again != err {
			t.Errorf("%s: %v", name, again)
		}
		stream.Close()
	}
	if _, err := client.SendStream(background, nil); !errors.Is(err, ErrNullArgument) {
		t.Errorf("no request: %v", err)
	}
}

func TestABodyThatIsCutIsAnErrorAfterItsRecords(t *testing.T) {
	t.Parallel()
	server := serve(t, func(string, int) (string, bool) { return begun("application/x-ndjson", "1\n2\n[3"), false })
	client := newClient(t, server.URL)
	stream := mustOpen(t, client, "/")
	records, err := rest(stream)
	if !reflect.DeepEqual(records, []string{"1", "2"}) || !errors.Is(err, ErrClosed) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q, %v", records, err)
	}
	if _, again := stream.Next(); again != err {
		t.Errorf("once more: %v", again)
	}
	text, err := io.ReadAll(mustOpen(t, client, "/"))
	if string(text) != "1\n2\n[3" || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "GET "+server.URL) {
		t.Errorf("%q, %v", text, err)
	}
}

// reads are the ways to read from a stream.
var reads = map[string]func(*Stream) error{
	"Read": func(stream *Stream) error {
		_, err := io.Copy(io.Discard, stream)
		return err
	},
	"Next": func(stream *Stream) error {
		_, err := rest(stream)
		return err
	},
}

func TestTheContextEndsAReadThatWaits(t *testing.T) {
	t.Parallel()
	server, _ := serveGated(t, "text/event-stream", "data: 1\n\n", "")
	client := newClient(t, server.URL, WithRetries(3))
	for name, read := range reads {
		ctx, cancel := context.WithCancel(background)
		stream, err := client.Stream(ctx, "GET", "/")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { ended <- read(stream) }()
		waitUntilBusy(t, stream)
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) || !errors.Is(err, ErrCancelled) {
			t.Errorf("%s, cancelled: %v", name, err)
		}
		stream.Close()

		ctx, cancel = context.WithTimeout(background, 100*time.Millisecond)
		stream, err = client.Stream(ctx, "GET", "/")
		if err == nil {
			err = read(stream)
		}
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrTimeout) {
			t.Errorf("%s, deadline: %v", name, err)
		}
		stream.Close()
		cancel()
	}
}

func TestCloseEndsAReadOfAnotherGoroutine(t *testing.T) {
	t.Parallel()
	server, _ := serveGated(t, "text/plain", "", "")
	client := newClient(t, server.URL)
	for name, read := range reads {
		stream := mustOpen(t, client, "/")
		ended := make(chan error)
		go func() { ended <- read(stream) }()
		waitUntilBusy(t, stream)
		if _, err := stream.Read(make([]byte, 1)); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: a second goroutine reads: %v", name, err)
		}
		stream.Close()
		if err := <-ended; !errors.Is(err, ErrStreamClosed) || !errors.Is(err, ErrCancelled) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := stream.Next(); !errors.Is(err, ErrStreamClosed) || !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: after Close: %v", name, err)
		}
	}
	if client.core().refs.Load() != 1 {
		t.Error("a closed stream keeps the client")
	}
}

func TestCloseAndTheContextMayEndAReadAtOnce(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, reply("200 OK", "Content-Type: application/x-ndjson", strings.Repeat("1\n", 100)))
	client := newClient(t, server.URL)
	for i := 0; i < 200; i++ {
		ctx, cancel := context.WithCancel(background)
		stream, err := client.Stream(ctx, "GET", "/")
		if err != nil {
			t.Fatal(err)
		}
		go cancel()
		go stream.Close()
		_, err = rest(stream)
		if err != io.EOF && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrStreamClosed) {
			t.Fatal(err)
		}
		mustGet(t, client, "/", MaxBody(1000))
	}
}

func TestAStreamNotMadeByThePackageActsLikeAClosedOne(t *testing.T) {
	t.Parallel()
	var none *Stream
	for _, stream := range []*Stream{none, {}} {
		_, readErr := stream.Read(make([]byte, 1))
		_, nextErr := stream.Next()
		if !errors.Is(readErr, ErrStreamClosed) || !errors.Is(nextErr, ErrStreamClosed) || stream.Close() != nil {
			t.Errorf("%v, %v", readErr, nextErr)
		}
	}
}

func TestAConnectionIsKeptAfterTheEndOfAStreamAndClosedBeforeIt(t *testing.T) {
	t.Parallel()
	// A short rest would be read when the stream is closed.
	lines := strings.Repeat("1\n", 50000)
	server := serveReplies(t, begun("application/x-ndjson", lines)+lastChunk)
	client := newClient(t, server.URL)
	for i, connections := range []int{1, 1, 1, 2} {
		stream := mustOpen(t, client, "/")
		if i != 2 {
			rest(stream)
		}
		stream.Close()
		stream.Close()
		if count := server.connectionCount(); count != connections {
			t.Errorf("stream %d: %d connections", i, count)
		}
	}
}

func TestAStreamGoesOnAfterItsClientIsClosed(t *testing.T) {
	t.Parallel()
	server, gate := serveGated(t, "application/x-ndjson", "1\n", "2\n")
	var log logLines
	client := newClient(t, server.URL, WithLogFunc(LogTrace, log.add))
	stream := mustOpen(t, client, "/")
	client.Close()
	gate.open()
	if records, err := rest(stream); err != io.EOF || len(records) != 2 {
		t.Errorf("%q, %v", records, err)
	}
	if _, err := client.Stream(background, "GET", "/"); !errors.Is(err, ErrClientClosed) {
		t.Errorf("a closed client: %v", err)
	}
}

func TestAForgottenStreamIsClosedByTheGarbageCollector(t *testing.T) {
	t.Parallel()
	server, _ := serveGated(t, "text/plain", "first", "last")
	client := newClient(t, server.URL)
	func() {
		stream, err := client.Stream(background, "GET", "/")
		if err != nil {
			t.Fatal(err)
		}
		copied := *stream
		stream = nil
		runtime.GC()
		if _, err := io.ReadFull(&copied, make([]byte, 5)); err != nil {
			t.Errorf("a copy: %v", err)
		}
	}()
	core := client.core()
	collectUntil(t, "the stream to be closed", func() bool { return core.refs.Load() == 1 })
}

func TestTheCallbacksOfAStreamRunDuringItsReads(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, begun("text/plain", "1234")+lastChunk)
	client := newClient(t, server.URL)
	for name, test := range map[string]struct {
		progress func(Progress) bool
		code     error
	}{
		"go on":   {func(Progress) bool { return true }, nil},
		"stop":    {func(p Progress) bool { return p.Received == 0 }, ErrCancelled},
		"a panic": {func(p Progress) bool { return p.Received == 0 || panics() }, ErrInternal},
	} {
		ctx := context.WithValue(background, contextKey{}, name)
		var received int64
		stream, err := client.Stream(ctx, "GET", "/", OnProgress(func(ctx context.Context, p Progress) bool {
			if ctx.Value(contextKey{}) == name {
				received = p.Received
			}
			return test.progress(p)
		}))
		if err != nil || received != 0 {
			t.Fatalf("%s: %d bytes before the first read, %v", name, received, err)
		}
		_, err = io.ReadAll(stream)
		if received != 4 || !errors.Is(err, test.code) {
			t.Errorf("%s: %d bytes, %v", name, received, err)
		}
		stream.Close()
	}
}

func panics() bool { panic("broken") }

func TestStreamsLeakNoGoroutinesOrDescriptors(t *testing.T) {
	server := serveReplies(t, begun("application/x-ndjson", "1\n2\n")+lastChunk)
	client := newClient(t, server.URL)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	use := func(i int) {
		stream, err := client.Stream(ctx, "GET", "/", BodyReader("text/plain", strings.NewReader("x"), 1))
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			rest(stream)
			return
		}
		stream.Close()
	}
	use(0)
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors(t)
	for i := 0; i < 200; i++ {
		use(i)
	}
	use(0)
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= goroutines+2 })
	if more := openDescriptors(t) - descriptors; more > 8 {
		t.Errorf("%d descriptors more than before", more)
	}
	if refs := client.core().refs.Load(); refs != 1 {
		t.Errorf("%d streams are still open", refs-1)
	}
}
