//go:build !go1.20

package sac

import "context"

// reasonOf is why a context has ended: nobody could give a reason yet.
func reasonOf(ctx context.Context) error {
	return ctx.Err()
}
