package sac

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestMemoryOfTheLibraryIsFreed(t *testing.T) {
	const size, count = 1 << 20, 300
	server := serveReplies(t, reply("200 OK", "", strings.Repeat("x", size)))
	client := newClient(t, server.URL)
	call := func() {
		response, err := client.GetBinary(background, "/")
		if err != nil || len(response.Body) != size {
			t.Fatalf("%d bytes, %v", len(response.Body), err)
		}
	}
	call()
	before := residentBytes(t)
	for i := 0; i < count; i++ {
		call()
	}
	runtime.GC()
	if grown := residentBytes(t) - before; grown > size*count/2 {
		t.Errorf("%d calls for %d bytes: the process grew by %d bytes", count, size, grown)
	}
}

// TestManyCallsLeakNothing makes thousands of handles, requests, responses and cancels.
func TestManyCallsLeakNothing(t *testing.T) {
	server := serveReplies(t, jsonReply(`{"a": [1, 2, 3]}`))
	shared := newClient(t, server.URL, WithRetryFunc(func(context.Context, Retry) bool { return true }))
	call := func() {
		scope, err := shared.Clone(WithBearer("token"), WithHeader("X-A", "b"))
		if err != nil {
			t.Fatal(err)
		}
		defer scope.Close()
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		response, err := scope.Post(ctx, "/", map[string]int{"n": 1}, Query("q", "r"))
		if err != nil {
			t.Fatal(err)
		}
		response.IntAt("/a/1")
	}
	for i := 0; i < 200; i++ {
		call()
	}
	before := residentBytes(t)
	for i := 0; i < 5000; i++ {
		call()
	}
	runtime.GC()
	if grown := residentBytes(t) - before; grown > 16<<20 {
		t.Errorf("the process grew by %d bytes in 5000 calls", grown)
	}
}

// residentBytes returns the resident memory of the process, in bytes.
func residentBytes(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("this system has no /proc")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
