//go:build !go1.21

package sac

import "context"

// afterDone calls a function when a context ends, unless stop is called before.
func afterDone(ctx context.Context, call func()) (stop func()) {
	quit := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			call()
		case <-quit:
		}
	}()
	return func() { close(quit) }
}
