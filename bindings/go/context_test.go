package sac

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"
)

// maxElapsed is more than enough time for a call that is ended early, even on a busy machine.
const maxElapsed = 5 * time.Second

func TestACancelEndsAWaitingCall(t *testing.T) {
	server, received := serveSilence(t)
	client := newClient(t, server.URL)
	ctx, cancel := context.WithCancel(background)
	start := time.Now()
	go func() {
		<-received
		cancel()
	}()
	response, err := client.Get(ctx, "/")
	if !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) || response.Code != ErrCancelled {
		t.Fatalf("code %v, error %v", response.Code, err)
	}
	if elapsed := time.Since(start); elapsed > maxElapsed {
		t.Errorf("the call took %v", elapsed)
	}
}

func TestACancelEndsABackOff(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	server := serveReplies(t, reply("503 Busy", "", ""))
	client := newClient(t, server.URL, WithRetries(1), WithBackoff(time.Minute, time.Minute),
		WithRetryFunc(func(context.Context, Retry) bool {
			cancel()
			return true
		}))
	if _, err := client.Get(ctx, "/"); !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
}

func TestACancelNeverAffectsTheNextCall(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	for i := 0; i < 200; i++ {
		ctx, cancel := context.WithCancel(background)
		var cancelled sync.WaitGroup
		cancelled.Add(1)
		go func() {
			defer cancelled.Done()
			cancel() // at any moment: before, during or after the call
		}()
		_, err := client.Get(ctx, "/")
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		other, cancelOther := context.WithCancel(background)
		if _, err := client.Get(other, "/"); err != nil {
			t.Fatalf("the cancel of call %d ended the next call: %v", i, err)
		}
		cancelOther()
		cancelled.Wait()
	}
}

func TestADeadlineEndsACall(t *testing.T) {
	server, _ := serveSilence(t)
	client := newClient(t, server.URL)
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	response, err := client.Get(ctx, "/")
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || response.Code != ErrTimeout {
		t.Fatalf("code %v, error %v", response.Code, err)
	}
	if response.Elapsed > maxElapsed {
		t.Errorf("the call took %v", response.Elapsed)
	}
}

func TestTheEarlierDeadlineApplies(t *testing.T) {
	server, _ := serveSilence(t)
	client := newClient(t, server.URL, WithDeadline(20*time.Millisecond))
	ctx, cancel := context.WithTimeout(background, time.Hour)
	defer cancel()
	if _, err := client.Get(ctx, "/client"); !errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the client's: %v", err)
	}
	if _, err := client.Get(ctx, "/request", Deadline(30*time.Millisecond)); !errors.Is(err, ErrTimeout) {
		t.Errorf("the request's: %v", err)
	}
	short, cancel := context.WithTimeout(background, 30*time.Millisecond)
	defer cancel()
	if _, err := client.Get(short, "/context", Deadline(0)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the context's: %v", err)
	}
}

func TestAnEndedContextSendsNothing(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	cancelled, cancel := context.WithCancel(background)
	cancel()
	expired, cancel := context.WithDeadline(background, time.Now().Add(-time.Second))
	defer cancel()
	if _, err := client.Get(cancelled, "/"); !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := client.Get(expired, "/"); !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expired: %v", err)
	}
	if requests := server.requests(); len(requests) > 0 {
		t.Errorf("the client sent %q", requests)
	}
}

func TestAContextMayBeNilOrWithoutEnd(t *testing.T) {
	client := newClient(t, serveReplies(t, jsonReply("{}")).URL)
	//lint:ignore SA1012 the test needs a nil context
	if _, err := client.Get(nil, "/"); err != nil { //nolint:staticcheck
		t.Error(err)
	}
	type key struct{}
	if _, err := client.Get(context.WithValue(background, key{}, 1), "/"); err != nil {
		t.Error(err)
	}
}

// expiredContext ends long before the deadline that it reports.
type expiredContext struct {
	context.Context
	done chan struct{}
}

func (c expiredContext) Deadline() (time.Time, bool) { return time.Now().Add(time.Hour), true }
func (c expiredContext) Done() <-chan struct{}       { return c.done }
func (c expiredContext) Err() error {
	select {
	case <-c.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestACustomContextEndsACall(t *testing.T) {
	server, received := serveSilence(t)
	ctx := expiredContext{background, make(chan struct{})}
	go func() {
		<-received
		close(ctx.done)
	}()
	_, err := newClient(t, server.URL).Get(ctx, "/")
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrCancelled) {
		t.Errorf("error: %v", err)
	}
}

func TestCallsLeakNoGoroutinesOrDescriptors(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	mustCall := func() {
		if _, err := client.Get(ctx, "/"); err != nil {
			t.Fatal(err)
		}
	}
	mustCall()
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors(t)
	for i := 0; i < 200; i++ {
		mustCall()
	}
	if more := openDescriptors(t) - descriptors; more > 8 {
		t.Errorf("%d descriptors more than before", more)
	}
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= goroutines+2 })
}

// TestSignalsDoNotDisturbACall: the profiler interrupts system calls all the time.
func TestSignalsDoNotDisturbACall(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "profile")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		t.Skip(err)
	}
	defer pprof.StopCPUProfile()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // uses processor time, because the profiler's clock counts only that
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	for i := 0; i < 300; i++ {
		if _, err := client.Get(background, "/"); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	<-stopped
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system has no /proc")
	}
	return len(entries)
}

// waitFor waits until a condition is true, and fails the test if that takes too long.
func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for start := time.Now(); !condition(); runtime.Gosched() {
		if time.Since(start) > 30*time.Second {
			t.Fatalf("timeout: waited 30 s for %s", what)
		}
	}
}
