// Command cancel shows how a context ends a call while it waits for a response, a retry or the rate
// limit. It takes the base URL of the demo server. Ctrl-C also ends the calls.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"libsac/sac"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: cancel BASE_URL")
	}
	client, err := sac.New(os.Args[1], sac.WithRetries(3))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	fmt.Println("A response that takes a minute, with a timeout of 100 ms:")
	impatient, cancel := context.WithTimeout(interrupted, 100*time.Millisecond)
	call(impatient, client, "/v1/slow?ms=60000")
	cancel()

	fmt.Println("The same, cancelled by another goroutine:")
	cancelled, cancel := context.WithCancel(interrupted)
	time.AfterFunc(100*time.Millisecond, cancel)
	call(cancelled, client, "/v1/slow?ms=60000")

	fmt.Println("A server that asks for a delay of a minute, which exceeds the deadline, so the call ends at once:")
	bounded, cancel := context.WithTimeout(interrupted, 10*time.Second)
	call(bounded, client, "/v1/always-limited?retry_after=60")
	cancel()

	fmt.Println("Two requests at once, of which the first response is used:")
	race(interrupted, client, "/v1/slow?ms=50", "/v1/slow?ms=30000")
}

// call makes a call, and prints how and when it ended.
func call(ctx context.Context, client *sac.Client, path string) {
	response, err := client.Get(ctx, path)
	what := "a response"
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		what = "the deadline of the context"
	case errors.Is(err, context.Canceled):
		what = "cancelled"
	case errors.Is(err, sac.ErrRateLimited):
		what = "turned away, to come back in " + response.Header.Get("Retry-After") + " s"
	case err != nil:
		what = err.Error()
	}
	fmt.Printf("  %s, after %v\n", what, response.Elapsed.Round(10*time.Millisecond))
}

// race sends requests for several paths at once, and cancels the calls that are not the first.
func race(ctx context.Context, client *sac.Client, paths ...string) {
	ctx, cancel := context.WithCancel(ctx)
	responses := make(chan string)
	for _, path := range paths {
		go func(path string) {
			if _, err := client.Get(ctx, path); err != nil {
				responses <- path + " was cancelled"
				return
			}
			cancel()
			responses <- path + " won"
		}(path)
	}
	for range paths {
		fmt.Println(" ", <-responses)
	}
	cancel()
}
