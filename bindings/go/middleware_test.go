package sac

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEachIncomingRequestHasItsOwnScope(t *testing.T) {
	service := serveReplies(t, jsonReply("{}"))
	shared := newClient(t, service.URL, WithHeader("X-App", "shop"))
	var escaped *Client
	handler := PerRequest(shared, func(r *http.Request) ([]Option, error) {
		return []Option{WithBearer(r.Header.Get("X-Token")), WithHeader("X-Request-Id", r.Header.Get("X-Request-Id"))}, nil
	})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		escaped = FromContext(r.Context())
		if err := escaped.Set(WithCookie("only", "here")); err != nil {
			t.Error(err)
		}
		if _, err := escaped.Get(r.Context(), "/inside"); err != nil {
			t.Error(err)
		}
	}))
	for _, user := range []string{"ada", "bob"} {
		incoming := httptest.NewRequest("GET", "/", nil)
		incoming.Header.Set("X-Token", "token-of-"+user)
		incoming.Header.Set("X-Request-Id", user)
		handler.ServeHTTP(httptest.NewRecorder(), incoming)
	}
	mustGet(t, shared, "/outside")

	for i, want := range []string{"Bearer token-of-ada", "Bearer token-of-bob", ""} {
		if got := headerIn(service.requests()[i], "Authorization"); got != want {
			t.Errorf("request %d: Authorization %q, want %q", i, got, want)
		}
	}
	if cookie := headerIn(service.requests()[2], "Cookie"); cookie != "" {
		t.Errorf("a cookie left its scope: %q", cookie)
	}
	if _, err := escaped.Get(background, "/late"); !errors.Is(err, ErrClientClosed) {
		t.Errorf("a scope outlives its request: %v", err)
	}
}

func TestAScopeThatCannotBeMadeGivesA500(t *testing.T) {
	shared := newClient(t, "http://127.0.0.1:1")
	for name, scope := range map[string]func(*http.Request) ([]Option, error){
		"its own error": func(*http.Request) ([]Option, error) { return nil, errors.New("s3cret") },
		"a bad header":  func(*http.Request) ([]Option, error) { return []Option{WithHeader("X-A", "s3cret\n")}, nil },
	} {
		recorder := httptest.NewRecorder()
		PerRequest(shared, scope)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			t.Errorf("%s: the handler was called", name)
		})).ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
		if recorder.Code != 500 || strings.Contains(recorder.Body.String(), "s3cret") {
			t.Errorf("%s: status %d, body %q", name, recorder.Code, recorder.Body)
		}
	}
}

func TestAScopeIsClosedIfTheHandlerPanics(t *testing.T) {
	shared := newClient(t, "http://127.0.0.1:1")
	var scope *Client
	func() {
		defer func() { _ = recover() }()
		PerRequest(shared, nil)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			scope = FromContext(r.Context())
			panic("in the handler")
		})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}()
	if scope == nil || !scope.core().closed.Load() {
		t.Error("the scope is still open")
	}
	if FromContext(background) != nil {
		t.Error("a context without a client contains one")
	}
}
