//go:build !go1.21

package sac

import "context"

// whenDone calls a function when a context ends, until the function that it returns is called.
func whenDone(ctx context.Context, call func()) (forget func()) {
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
