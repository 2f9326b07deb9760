package sac

import (
	"errors"
	"net/http/httptrace"
	"strings"
	"testing"
)

func TestATraceReceivesTheEventsOfACall(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	for _, want := range []string{newConnectionEvents, reusedConnectionEvents} {
		events := &traceLog{}
		if _, err := client.Get(background, "/", Trace(events.hooks())); err != nil {
			t.Fatal(err)
		}
		if got := events.sorted(server.listener.Addr().String()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if _, err := client.Get(background, "/", Trace(nil)); !errors.Is(err, ErrNullArgument) {
		t.Errorf("no hooks: %v", err)
	}
	if _, err := client.Get(background, "/", Trace(&httptrace.ClientTrace{})); err != nil {
		t.Errorf("hooks that are all nil: %v", err)
	}
}

func TestAHookThatPanicsEndsTheCallAndNotTheProgram(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	broken := errors.New("of the hook")
	hooks := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { panic(broken) }}
	_, err := client.Get(background, "/", Trace(hooks))
	if !errors.Is(err, ErrInternal) || !errors.Is(err, broken) || !strings.Contains(err.Error(), "the trace") {
		t.Errorf("a call: %v", err)
	}
	_, err = client.Stream(background, "GET", "/", Trace(hooks))
	if !errors.Is(err, ErrInternal) || !errors.Is(err, broken) {
		t.Errorf("a stream: %v", err)
	}
	if len(server.requests()) > 0 {
		t.Errorf("the client has sent %q", server.requests())
	}
}

func TestAHookCannotMakeCalls(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL)
	var refusals []error
	refuse := func() {
		_, err := client.Get(background, "/inner")
		refusals = append(refusals, err)
	}
	hooks := &httptrace.ClientTrace{GetConn: func(string) { refuse() }, WroteHeaders: refuse, GotFirstResponseByte: refuse}
	if _, err := client.Get(background, "/", Trace(hooks)); err != nil {
		t.Fatal(err)
	}
	if len(refusals) != 3 {
		t.Fatalf("%d hooks were called", len(refusals))
	}
	for _, err := range refusals {
		if !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("a call in a hook: %v", err)
		}
	}
	server.onlyRequest()
}

func TestTheConnectionOfATraceCannotBeUsed(t *testing.T) {
	t.Parallel()
	server := serveReplies(t, jsonReply("{}"))
	hooks := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if _, err := info.Conn.Write([]byte("x")); err == nil {
			t.Error("a hook has written to the connection")
		}
		if info.Conn.LocalAddr().String() == info.Conn.RemoteAddr().String() {
			t.Errorf("addresses: %v", info.Conn.LocalAddr())
		}
		if err := info.Conn.Close(); err == nil {
			t.Error("a hook has closed the connection")
		}
	}}
	if _, err := newClient(t, server.URL).Get(background, "/", Trace(hooks)); err != nil {
		t.Fatal(err)
	}
}
