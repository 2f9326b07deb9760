package sac

import (
	"context"
	"errors"
	"runtime/cgo"
	"strings"
	"sync"
	"testing"
	"time"
)

// logLines collects log lines.
type logLines struct {
	mu  sync.Mutex
	all []string
}

func (l *logLines) add(_ context.Context, level LogLevel, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, level.String()+": "+line)
}

func (l *logLines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}

func TestLogLinesArriveWithoutSecrets(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""), jsonReply("{}"))
	var log logLines
	client := newClient(t, server.URL, WithLogFunc(LogTrace, log.add), WithBearer("s3cret-token"), WithRetries(1))
	mustGet(t, client, "/v1/x")
	for _, want := range []string{"warn: GET ", "info: GET ", "/v1/x"} {
		if !strings.Contains(log.text(), want) {
			t.Errorf("the log has no %q:\n%s", want, log.text())
		}
	}
	if strings.Contains(log.text(), "s3cret") {
		t.Errorf("the log has a secret:\n%s", log.text())
	}
}

func TestALogLevelFiltersLines(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"), reply("500 Broken", "", "{}"))
	var log logLines
	client := newClient(t, server.URL, WithLogFunc(LogError, log.add))
	mustGet(t, client, "/fine")
	if log.text() != "" {
		t.Errorf("logged: %s", log.text())
	}
	client.Get(background, "/broken")
	if !strings.HasPrefix(log.text(), "error: ") {
		t.Errorf("logged: %s", log.text())
	}
	if err := client.Set(WithLogFunc(LogLevel(0), nil)); err != nil {
		t.Fatal(err)
	}
	before := log.text()
	client.Get(background, "/broken")
	if log.text() != before {
		t.Errorf("a log function that was removed got: %s", log.text())
	}
}

type contextKey struct{}

func TestACallbackGetsTheContextOfItsCall(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""))
	var mu sync.Mutex
	counts := map[any]int{}
	count := func(ctx context.Context) {
		mu.Lock()
		defer mu.Unlock()
		counts[ctx.Value(contextKey{})]++
	}
	client := newClient(t, server.URL, WithRetries(1),
		WithLogFunc(LogInfo, func(ctx context.Context, _ LogLevel, _ string) { count(ctx) }),
		WithRetryFunc(func(ctx context.Context, _ Retry) bool { count(ctx); return true }))
	clone, err := client.Clone()
	if err != nil {
		t.Fatal(err)
	}
	defer clone.Close()
	var calls sync.WaitGroup
	for i := 0; i < 8; i++ {
		calls.Add(1)
		go func(i int) {
			defer calls.Done()
			caller := client
			if i%2 == 0 {
				caller = clone
			}
			caller.Get(context.WithValue(background, contextKey{}, i), "/")
		}(i)
	}
	calls.Wait()
	for i := 0; i < 8; i++ {
		if counts[i] < 3 { // the retry callback, a line for the retry, a line for the end
			t.Errorf("call %d had %d callbacks: %v", i, counts[i], counts)
		}
	}
	if counts[nil] != 0 {
		t.Errorf("%d callbacks had another context", counts[nil])
	}
}

func TestARetryFuncReceivesTheAttemptAndCanForbidTheRetry(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "", ""))
	var retries []Retry
	client := newClient(t, server.URL, WithRetries(5), WithBackoff(time.Millisecond, time.Millisecond),
		WithRetryStatuses(503), WithRetryFunc(func(_ context.Context, retry Retry) bool {
			retries = append(retries, retry)
			return retry.Attempt < 2
		}))
	response, err := client.Get(background, "/")
	if !errors.Is(err, ErrStatus) || response.Attempts != 2 || len(retries) != 2 {
		t.Fatalf("%d attempts, retries %+v, error %v", response.Attempts, retries, err)
	}
	if first := retries[0]; first.Attempt != 1 || first.Status != 503 || first.Code != ErrStatus || first.Wait < 0 {
		t.Errorf("the first retry: %+v", first)
	}
	if journal := response.Journal(); len(journal) != 2 || journal[1].DoneBecause == "" || journal[0].RetriedBecause == "" {
		t.Errorf("journal: %+v", journal)
	}
}

func TestACallbackMayMakeCalls(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""), jsonReply(`{"of": "the callback"}`), jsonReply("{}"))
	var contexts []any
	var client *Client
	log := func(ctx context.Context, _ LogLevel, _ string) { contexts = append(contexts, ctx.Value(contextKey{})) }
	client = newClient(t, server.URL, WithRetries(1), WithLogFunc(LogInfo, log),
		WithRetryFunc(func(ctx context.Context, _ Retry) bool {
			response, err := client.Get(context.WithValue(ctx, contextKey{}, "inner"), "/inner")
			return err == nil && response.Status == 200
		}))
	if _, err := client.Get(context.WithValue(background, contextKey{}, "outer"), "/outer"); err != nil {
		t.Fatal(err)
	}
	if len(contexts) < 3 || contexts[0] != "inner" || contexts[len(contexts)-1] != "outer" {
		t.Errorf("contexts: %v", contexts)
	}
}

func TestAPanicInACallbackIsRecovered(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""))
	broken := errors.New("broken")
	client := newClient(t, server.URL, WithRetries(3),
		WithLogFunc(LogTrace, func(context.Context, LogLevel, string) { panic("in the log") }))
	if response, err := client.Get(background, "/"); !errors.Is(err, ErrStatus) || response.Attempts != 4 {
		t.Errorf("%d attempts, error %v", response.Attempts, err)
	}
	for _, value := range []any{broken, "broken"} {
		value := value
		err := client.Set(WithRetryFunc(func(context.Context, Retry) bool { panic(value) }))
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Get(background, "/")
		if !errors.Is(err, ErrInternal) || !strings.Contains(err.Error(), "broken") || response.Attempts != 1 {
			t.Errorf("%d attempts, error %v", response.Attempts, err)
		}
		if value == any(broken) && !errors.Is(err, broken) {
			t.Errorf("the error does not wrap the value of the panic: %v", err)
		}
	}
}

func TestACallbackLivesAsLongAsItsClientAndClones(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	var log logLines
	client := newClient(t, server.URL, WithLogFunc(LogInfo, log.add))
	clone, err := client.Clone()
	if err != nil {
		t.Fatal(err)
	}
	handle := client.core().callbacks[0].handle
	client.Set(WithLogFunc(LogInfo, nil))
	client.Close()
	mustGet(t, clone, "/clone")
	if !strings.Contains(log.text(), "/clone") {
		t.Errorf("the clone logged %q", log.text())
	}
	clone.Close()
	if isLive(handle) {
		t.Error("the function is still kept after the last client was closed")
	}
}

func isLive(handle cgo.Handle) (live bool) {
	defer func() { live = recover() == nil }()
	handle.Value()
	return true
}
