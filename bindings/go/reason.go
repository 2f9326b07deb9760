package sac

import (
	"context"
	"errors"
)

// An ended is the error of a context that has ended, and the reason that its owner gave for it:
// errors.Is and errors.As find both.
type ended struct {
	err, reason error
}

// endOf is the error of a context, with the reason where one was given; nil where it has not ended.
func endOf(ctx context.Context) error {
	err := ctx.Err()
	if reason := reasonOf(ctx); err != nil && reason != nil && reason != err {
		return &ended{err, reason}
	}
	return err
}

func (e *ended) Error() string { return e.err.Error() + ": " + e.reason.Error() }

func (e *ended) Unwrap() error { return e.err }

func (e *ended) Is(target error) bool { return errors.Is(e.reason, target) }

func (e *ended) As(target any) bool { return errors.As(e.reason, target) }
