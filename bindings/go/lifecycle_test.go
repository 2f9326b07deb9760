package sac

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
)

func TestCloseCanBeCalledAgainAndLaterCallsFail(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	mustGet(t, client, "/")
	for i := 0; i < 3; i++ {
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
	}
	response, err := client.Get(background, "/")
	if !errors.Is(err, ErrClientClosed) || !errors.Is(err, ErrInvalidArgument) || response.Code != ErrInvalidArgument {
		t.Errorf("code %v, error %v", response.Code, err)
	}
	if _, err := client.Clone(); !errors.Is(err, ErrClientClosed) {
		t.Errorf("clone: %v", err)
	}
	if err := client.Set(WithRetries(1)); !errors.Is(err, ErrClientClosed) {
		t.Errorf("set: %v", err)
	}
	if _, err := client.Stats(); !errors.Is(err, ErrClientClosed) {
		t.Errorf("stats: %v", err)
	}
}

func TestAClientNotMadeByNewActsLikeAClosedOne(t *testing.T) {
	var none *Client
	for _, client := range []*Client{none, {}} {
		if _, err := client.Get(background, "/"); !errors.Is(err, ErrClientClosed) {
			t.Errorf("get: %v", err)
		}
		if err := client.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func TestRunningCallsContinueAfterClose(t *testing.T) {
	started, proceed := make(chan struct{}, 10), make(chan struct{})
	server := serve(t, func(string, int) (string, bool) {
		started <- struct{}{}
		<-proceed
		return jsonReply("[1]"), true
	})
	client := newClient(t, server.URL)
	results := make(chan error, 10)
	for i := 0; i < 10; i++ {
		go func() {
			_, err := client.Get(background, "/")
			results <- err
		}()
	}
	for i := 0; i < 10; i++ {
		<-started
	}
	client.Close()
	close(proceed)
	for i := 0; i < 10; i++ {
		if err := <-results; err != nil {
			t.Errorf("a running call ended with %v", err)
		}
	}
}

func TestCloseCallSetAndCloneCanRunAtOnce(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	for round := 0; round < 20; round++ {
		client := newClient(t, server.URL)
		var all sync.WaitGroup
		for i := 0; i < 8; i++ {
			all.Add(1)
			go func(i int) {
				defer all.Done()
				for n := 0; n < 5; n++ {
					exerciseClient(t, client, i)
				}
				client.Close()
			}(i)
		}
		all.Wait()
	}
}

// exerciseClient does one of several operations on a client, which may already be closed.
func exerciseClient(t *testing.T, client *Client, operation int) {
	var err error
	switch operation % 4 {
	case 0:
		_, err = client.Get(background, "/")
	case 1:
		err = client.Set(WithHeader("X-A", "b"), WithRetryFunc(func(context.Context, Retry) bool { return true }))
	case 2:
		var clone *Client
		if clone, err = client.Clone(WithBearer("x")); err == nil {
			_, err = clone.Get(background, "/")
			clone.Close()
		}
	case 3:
		_, err = client.Stats()
	}
	if err != nil && !errors.Is(err, ErrClientClosed) {
		t.Error(err)
	}
}

func TestAForgottenClientIsClosedByTheGarbageCollector(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client, err := New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	core := client.core()
	mustGet(t, client, "/")
	runtime.KeepAlive(client)
	client = nil
	collectUntil(t, "the client to be closed", func() bool { return core.refs.Load() == 0 })
}

func TestAClientLivesAsLongAsItsCopies(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	type users struct{ Client }
	embedded := func() users {
		client, err := New(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		return users{*client}
	}()
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	if _, err := embedded.Get(background, "/"); err != nil {
		t.Error(err)
	}
	embedded.Close()
}

func TestAForgottenObjectIsCleanedUpUnlessStopped(t *testing.T) {
	type object struct{ payload [64]byte }
	first, second := make(chan struct{}), make(chan struct{})
	func() {
		stopped := new(object)
		stopCleanup(stopped, addCleanup(stopped, func() { close(first) }))
		addCleanup(new(object), func() { close(second) })
	}()
	collectUntil(t, "the object to be cleaned up", func() bool { return isClosed(second) })
	if isClosed(first) {
		t.Error("a cleanup ran although it was stopped")
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// collectUntil runs the garbage collector until a condition is true.
func collectUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	waitFor(t, what, func() bool {
		runtime.GC()
		return condition()
	})
}
