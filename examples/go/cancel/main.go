// Command cancel shows how a context ends a call, whatever it waits for: an answer, a retry, its turn.
// It takes the base URL of the demo server. Ctrl-C is one way out.
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

	fmt.Println("An answer that takes a minute, given up after 100 ms:")
	impatient, cancel := context.WithTimeout(interrupted, 100*time.Millisecond)
	call(impatient, client, "/v1/slow?ms=60000")
	cancel()

	fmt.Println("The same, cancelled by another goroutine:")
	cancelled, cancel := context.WithCancel(interrupted)
	time.AfterFunc(100*time.Millisecond, cancel)
	call(cancelled, client, "/v1/slow?ms=60000")

	fmt.Println("A server that says to come back in a minute; the deadline is nearer, so nobody waits:")
	bounded, cancel := context.WithTimeout(interrupted, 10*time.Second)
	call(bounded, client, "/v1/always-limited?retry_after=60")
	cancel()

	fmt.Println("Two servers asked at once, the first answer wins:")
	race(interrupted, client, "/v1/slow?ms=50", "/v1/slow?ms=30000")
}

// call makes a call, and tells how it ended and when.
func call(ctx context.Context, client *sac.Client, path string) {
	response, err := client.Get(ctx, path)
	what := "an answer"
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

// race asks for several paths at once, and cancels the calls that have not won.
func race(ctx context.Context, client *sac.Client, paths ...string) {
	ctx, cancel := context.WithCancel(ctx)
	answers := make(chan string)
	for _, path := range paths {
		go func(path string) {
			if _, err := client.Get(ctx, path); err != nil {
				answers <- path + " was cancelled"
				return
			}
			cancel()
			answers <- path + " won"
		}(path)
	}
	for range paths {
		fmt.Println(" ", <-answers)
	}
	cancel()
}
