package sac

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const sha256OfABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func TestAnAttemptFuncSeesEachRequestAndSetsItsFields(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""), reply("302 Found", "Location: /to?b=2", ""), jsonReply("{}"))
	var seen []string
	client := newClient(t, server.URL, WithBearer("t0ken"), WithRetries(1),
		WithAttemptFunc(func(ctx context.Context, attempt *OutgoingRequest) error {
			if ctx.Value(contextKey{}) != "of the call" {
				return errors.New("another context")
			}
			if attempt.Header("authorization") != "Bearer t0ken" || attempt.Header("X-None") != "" {
				return errors.New("other header fields")
			}
			if attempt.URL() != server.URL+attempt.Target() {
				return errors.New("another URL: " + attempt.URL())
			}
			what := fmt.Sprint(attempt.Method(), " ", attempt.Target(), " ", attempt.Number())
			seen = append(seen, what)
			return attempt.SetHeader("X-Signature", "of "+what)
		}))
	response, err := client.Get(context.WithValue(background, contextKey{}, "of the call"), "/from")
	if err != nil {
		t.Fatal(err)
	}
	if response.Attempts != 2 {
		t.Errorf("%d attempts", response.Attempts)
	}
	want := []string{"GET /from 1", "GET /from 2", "GET /to?b=2 2"}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Fatalf("seen: %q", seen)
	}
	for i, request := range server.requests() {
		if got := headerIn(request, "X-Signature"); got != "of "+want[i] {
			t.Errorf("request %d has the signature %q", i, got)
		}
	}
}

func TestAnAttemptFuncSeesTheBodyAndItsHash(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	var inMemory []bool
	client := newClient(t, server.URL, WithAttemptFunc(func(_ context.Context, attempt *OutgoingRequest) error {
		body, ok := attempt.Body()
		inMemory = append(inMemory, ok)
		if ok && string(body) != "abc" {
			return fmt.Errorf("the body %q", body)
		}
		if got := attempt.BodySHA256(); got != sha256OfABC {
			return fmt.Errorf("the hash %q", got)
		}
		return attempt.SetHeader("X-Sha256", attempt.BodySHA256())
	}))
	for _, body := range []RequestOption{
		Body("text/plain", []byte("abc")),
		BodyReader("text/plain", bytes.NewReader([]byte("abc")), 3),
	} {
		if _, err := client.Do(background, "PUT", "/", body); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(inMemory) != "[true false]" {
		t.Errorf("in memory: %v", inMemory)
	}
	for _, request := range server.requests() {
		if bodyIn(request) != "abc" || headerIn(request, "X-Sha256") != sha256OfABC {
			t.Errorf("received %q", request)
		}
	}
}

func TestAnErrorOfAnAttemptFuncEndsTheCall(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	noKey := errors.New("no key")
	client := newClient(t, server.URL, WithRetries(3), WithAttemptFunc(func(_ context.Context, attempt *OutgoingRequest) error {
		for name, value := range map[string]string{"Content-Length": "1", "X-A": "1\r\nX-B: 2", "X\x00": "1", "X-C": "\x00"} {
			if err := attempt.SetHeader(name, value); !errors.Is(err, ErrInvalidHeader) {
				t.Errorf("%q: %v", name, err)
			}
		}
		return noKey
	}))
	_, err := client.Get(background, "/")
	if !errors.Is(err, ErrCancelled) || !errors.Is(err, noKey) || !strings.Contains(err.Error(), "attempt callback: no key") {
		t.Errorf("the error is %v", err)
	}
	if err := client.Set(WithAttemptFunc(func(context.Context, *OutgoingRequest) error { panic("of the function") })); err != nil {
		t.Fatal(err)
	}
	_, err = client.Get(background, "/")
	if !errors.Is(err, ErrInternal) || !strings.Contains(err.Error(), "the AttemptFunc panicked: of the function") {
		t.Errorf("the error is %v", err)
	}
	if len(server.requests()) != 0 {
		t.Error("a request was sent")
	}
	if err := client.Set(WithAttemptFunc(nil)); err != nil {
		t.Fatal(err)
	}
	mustGet(t, client, "/")
}

func TestAnAttemptReturnsNothingAfterItsFunction(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	var kept *OutgoingRequest
	client := newClient(t, server.URL, WithAttemptFunc(func(_ context.Context, attempt *OutgoingRequest) error {
		kept = attempt
		return nil
	}))
	mustGet(t, client, "/")
	if _, ok := kept.Body(); ok || kept.Method()+kept.URL()+kept.Header("Host")+kept.BodySHA256() != "" || kept.Number() != 0 {
		t.Error("an attempt returns something after its function")
	}
	if err := kept.SetHeader("X-A", "1"); !errors.Is(err, ErrNullArgument) {
		t.Errorf("the error is %v", err)
	}
}

func TestAnAttemptFuncIsCalledByManyGoroutinesAndStreams(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	var mu sync.Mutex
	calls := 0
	client := newClient(t, server.URL, WithAttemptFunc(func(_ context.Context, attempt *OutgoingRequest) error {
		mu.Lock()
		defer mu.Unlock()
		calls++
		return attempt.SetHeader("X-Call", fmt.Sprint(calls))
	}))
	var group sync.WaitGroup
	for i := 0; i < 20; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			client.Get(background, "/")
		}()
	}
	group.Wait()
	stream, err := client.Stream(background, "GET", "/")
	if err != nil {
		t.Fatal(err)
	}
	stream.Close()
	seen := map[string]bool{}
	for _, request := range server.requests() {
		seen[headerIn(request, "X-Call")] = true
	}
	if calls != 21 || len(seen) != 21 {
		t.Errorf("%d calls, %d signatures", calls, len(seen))
	}
}

func TestWithAWSSigV4SignsEachRequest(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL, WithBearer("t0ken"), WithAWSSigV4("us-east-1", "dynamodb", "AKIDEXAMPLE", "s3cret", ""))
	mustGet(t, client, "/")
	if err := client.Set(WithAWSSigV4("eu-west-1", "s3", "AKIDEXAMPLE", "s3cret", "session")); err != nil {
		t.Fatal(err)
	}
	mustGet(t, client, "/")
	received := server.requests()
	for i, want := range []string{
		"/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=",
		"/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=",
	} {
		got := headerIn(received[i], "Authorization")
		if !strings.HasPrefix(got, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") || !strings.Contains(got, want) {
			t.Errorf("request %d has the signature %q", i, got)
		}
	}
	for _, bad := range []string{"", "s3cret\n", "s\x00"} {
		err := client.Set(WithAWSSigV4("r", "s3", "k", bad, ""))
		if !errors.Is(err, ErrInvalidArgument) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
