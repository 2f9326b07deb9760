//go:build go1.21

package sac

import "context"

// afterDone calls a function when a context ends, unless stop is called before. stop returns false if it
// cannot tell that the function will not run.
func afterDone(ctx context.Context, call func()) (stop func() bool) {
	return context.AfterFunc(ctx, call)
}
