//go:build !go1.20

package sac

import "context"

// contextCause returns the error of a context, because Go 1.19 has no causes.
func contextCause(ctx context.Context) error {
	return ctx.Err()
}
