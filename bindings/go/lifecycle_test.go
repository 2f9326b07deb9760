package sac

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
)

func TestCloseMayBeCalledAgainAndEndsWhatComesLater(t *testing.T) {
	server := replies(t, jsonReply("{}"))
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

func TestAClientThatNewHasNotMadeIsLikeAClosedOne(t *testing.T) {
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

func TestCallsInFlightOutliveClose(t *testing.T) {
	begun, goOn := make(chan struct{}, 10), make(chan struct{})
	server := serve(t, func(string, int) (string, bool) {
		begun <- struct{}{}
		<-goOn
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
		<-begun
	}
	client.Close()
	close(goOn)
	for i := 0; i < 10; i++ {
		if err := <-results; err != nil {
			t.Errorf("a call in flight ended with %v", err)
		}
	}
}

func TestCloseCallSetAndCloneMayMeetAtAnyMoment(t *testing.T) {
	server := replies(t, jsonReply("{}"))
	for round := 0; round < 20; round++ {
		client := newClient(t, server.URL)
		var all sync.WaitGroup
		for i := 0; i < 8; i++ {
			all.Add(1)
			go func(i int) {
				defer all.Done()
				for n := 0; n < 5; n++ {
					use(t, client, i)
				}
				client.Close()
			}(i)
		}
		all.Wait()
	}
}

// use does one of several things, which the client may have been closed for.
func use(t *testing.T, client *Client, what int) {
	var err error
	switch what % 4 {
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
	server := replies(t, jsonReply("{}"))
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

func TestAClientLivesAsLongAsAnyCopyOfIt(t *testing.T) {
	server := replies(t, jsonReply("{}"))
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

func TestAForgottenObjectIsCleanedUpUnlessDisarmed(t *testing.T) {
	type object struct{ payload [64]byte }
	first, second := make(chan struct{}), make(chan struct{})
	func() {
		known := new(object)
		disarm(known, onForgotten(known, func() { close(first) }))
		onForgotten(new(object), func() { close(second) })
	}()
	collectUntil(t, "the object to be cleaned up", func() bool { return isClosed(second) })
	if isClosed(first) {
		t.Error("one that was disarmed has been cleaned up all the same")
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

func TestAResponseMayBeClosedEarlyAndKeepsItsFields(t *testing.T) {
	client := newClient(t, replies(t, jsonReply(`{"a": "b"}`)).URL)
	response := mustGet(t, client, "/")
	if value, ok := response.StringAt("/a"); !ok || value != "b" {
		t.Errorf("/a is %q, %v", value, ok)
	}
	response.Close()
	response.Close()
	if value, ok := response.StringAt("/a"); ok {
		t.Errorf("/a is %q after the end", value)
	}
	if string(response.JSON) != `{"a": "b"}` || response.Header.Get("Content-Type") == "" || response.Journal() == nil {
		t.Errorf("after the end: %+v", response)
	}
}

// collectUntil runs the garbage collector until something holds that it is to bring about.
func collectUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	waitFor(t, what, func() bool {
		runtime.GC()
		return holds()
	})
}
