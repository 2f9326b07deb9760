package sac

import (
	"context"
	"sync"
)

// An Outcome is the result of one call of [Client.SendAll], as [Client.Send] would return it.
type Outcome struct {
	Response *Response
	Err      error
}

// SendAll sends many requests, at most parallel of them at once, and waits for all. The outcomes are in the
// order of the requests. If parallel is not positive, each outcome is an [ErrInvalidArgument].
func (c *Client) SendAll(ctx context.Context, requests []*Request, parallel int) []Outcome {
	outcomes := make([]Outcome, len(requests))
	if parallel <= 0 {
		for i := range outcomes {
			outcomes[i].Response, outcomes[i].Err = errorResponse(newError(ErrInvalidArgument, "parallel"))
		}
		return outcomes
	}
	indexes := make(chan int)
	var workers sync.WaitGroup
	for n := 0; n < parallel && n < len(requests); n++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range indexes {
				outcomes[i].Response, outcomes[i].Err = c.Send(ctx, requests[i])
			}
		}()
	}
	for i := range requests {
		indexes <- i
	}
	close(indexes)
	workers.Wait()
	return outcomes
}
