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

// soon is more than a cancel takes to end a call, on a machine that is busy.
const soon = 5 * time.Second

func TestACancelEndsACallThatWaits(t *testing.T) {
	server, asked := silence(t)
	client := newClient(t, server.URL)
	ctx, cancel := context.WithCancel(background)
	begun := time.Now()
	go func() {
		<-asked
		cancel()
	}()
	response, err := client.Get(ctx, "/")
	if !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) || response.Code != ErrCancelled {
		t.Fatalf("code %v, error %v", response.Code, err)
	}
	if took := time.Since(begun); took > soon {
		t.Errorf("it took %v", took)
	}
}

func TestACancelEndsABackOff(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	server := replies(t, reply("503 Busy", "", ""))
	client := newClient(t, server.URL, WithRetries(1), WithBackoff(time.Minute, time.Minute),
		WithRetryFunc(func(context.Context, Retry) bool {
			cancel()
			return true
		}))
	if _, err := client.Get(ctx, "/"); !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
}

func TestACancelledContextNeverHitsTheNextCall(t *testing.T) {
	server := replies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	for i := 0; i < 200; i++ {
		ctx, cancel := context.WithCancel(background)
		var cancelled sync.WaitGroup
		cancelled.Add(1)
		go func() {
			defer cancelled.Done()
			cancel() // at any moment: before, during or behind the call
		}()
		_, err := client.Get(ctx, "/")
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		other, free := context.WithCancel(background)
		if _, err := client.Get(other, "/"); err != nil {
			t.Fatalf("call %d was hit by the cancel of the one before: %v", i, err)
		}
		free()
		cancelled.Wait()
	}
}

func TestADeadlineBoundsACall(t *testing.T) {
	server, _ := silence(t)
	client := newClient(t, server.URL)
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	response, err := client.Get(ctx, "/")
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || response.Code != ErrTimeout {
		t.Fatalf("code %v, error %v", response.Code, err)
	}
	if response.Elapsed > soon {
		t.Errorf("it took %v", response.Elapsed)
	}
}

func TestTheEarlierOfTwoDeadlinesCounts(t *testing.T) {
	server, _ := silence(t)
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

func TestAContextThatHasEndedSendsNothing(t *testing.T) {
	server := replies(t, jsonReply("{}"))
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
	if seen := server.seen(); len(seen) > 0 {
		t.Errorf("sent all the same: %q", seen)
	}
}

func TestAContextMayBeNilOrEndless(t *testing.T) {
	client := newClient(t, replies(t, jsonReply("{}")).URL)
	//lint:ignore SA1012 a nil context is what is tested
	if _, err := client.Get(nil, "/"); err != nil { //nolint:staticcheck
		t.Error(err)
	}
	type key struct{}
	if _, err := client.Get(context.WithValue(background, key{}, 1), "/"); err != nil {
		t.Error(err)
	}
}

// earlyContext ends long before the deadline that it tells.
type earlyContext struct {
	context.Context
	done chan struct{}
}

func (c earlyContext) Deadline() (time.Time, bool) { return time.Now().Add(time.Hour), true }
func (c earlyContext) Done() <-chan struct{}       { return c.done }
func (c earlyContext) Err() error {
	select {
	case <-c.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestAContextOfAnotherKindEndsACallToo(t *testing.T) {
	server, asked := silence(t)
	ctx := earlyContext{background, make(chan struct{})}
	go func() {
		<-asked
		close(ctx.done)
	}()
	_, err := newClient(t, server.URL).Get(ctx, "/")
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrCancelled) {
		t.Errorf("error: %v", err)
	}
}

func TestNoGoroutineAndNoDescriptorStaysBehind(t *testing.T) {
	server := replies(t, jsonReply("{}"))
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
	go func() { // keeps the profiler's clock, which counts time that is worked, going
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	server := replies(t, jsonReply("{}"))
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
		t.Skip("there is no /proc here")
	}
	return len(entries)
}

// waitFor waits until something holds that is bound to, and fails where it takes far too long.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); runtime.Gosched() {
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
