//go:build go1.20

package sac

import "context"

// reasonOf is why a context has ended: its error, unless its owner gave another reason.
func reasonOf(ctx context.Context) error {
	return context.Cause(ctx)
}
