//go:build go1.20

package sac

import "context"

// contextCause returns the cause of a context's end.
func contextCause(ctx context.Context) error {
	return context.Cause(ctx)
}
