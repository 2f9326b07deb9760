package sac

import (
	"context"
	"errors"
)

// A causeError contains the error of a context and its cause. errors.Is and errors.As find both.
type causeError struct {
	err, cause error
}

// contextError returns the error of a context, with its cause if it has one; nil if the context has not
// ended.
func contextError(ctx context.Context) error {
	err := ctx.Err()
	if cause := contextCause(ctx); err != nil && cause != nil && cause != err {
		return &causeError{err, cause}
	}
	return err
}

func (e *causeError) Error() string { return e.err.Error() + ": " + e.cause.Error() }

func (e *causeError) Unwrap() error { return e.err }

func (e *causeError) Is(target error) bool { return errors.Is(e.cause, target) }

func (e *causeError) As(target any) bool { return errors.As(e.cause, target) }
