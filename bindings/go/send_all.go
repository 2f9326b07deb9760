package sac

import (
	"context"
	"sync"
)

// An Outcome is what came of one of many calls: what [Client.Send] would have returned.
type Outcome struct {
	Response *Response
	Err      error
}

// SendAll sends many requests, as many at once as parallel says, and waits for all of them. The
// outcomes are in the order of the requests. Where parallel is not above 0, each is an
// [ErrInvalidArgument].
func (c *Client) SendAll(ctx context.Context, requests []*Request, parallel int) []Outcome {
	outcomes := make([]Outcome, len(requests))
	if parallel <= 0 {
		for i := range outcomes {
			outcomes[i].Response, outcomes[i].Err = failed(newError(ErrInvalidArgument, "parallel"))
		}
		return outcomes
	}
	numbers := make(chan int)
	var workers sync.WaitGroup
	for n := 0; n < parallel && n < len(requests); n++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range numbers {
				outcomes[i].Response, outcomes[i].Err = c.Send(ctx, requests[i])
			}
		}()
	}
	for i := range requests {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
	return outcomes
}
