package sac

import (
	"context"
	"time"
)

// noDeadline leaves the deadline of a call to the client and the request.
const noDeadline = ^uint64(0)

// bounds is how a context bounds a call.
type bounds struct {
	ctx      context.Context
	deadline time.Time // the context's; zero for none
	// deadlineMS is what is left of it, where it comes before the one that client and request have.
	deadlineMS uint64
}

// boundsOf asks a context. own is the deadline that client and request have, in milliseconds, 0 for
// none. The error is that of a call whose context has ended already.
func boundsOf(ctx context.Context, own uint64) (bounds, error) {
	b := bounds{ctx: ctx, deadlineMS: noDeadline}
	if err := ctx.Err(); err != nil {
		return b, endedBefore(err, endOf(ctx))
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return b, nil
	}
	left := time.Until(deadline)
	if left <= 0 {
		return b, endedBefore(context.DeadlineExceeded, context.DeadlineExceeded)
	}
	b.deadline = deadline
	// Rounded down, so that it is the library that ends the call; but 0 would be no deadline.
	ms := uint64(left / time.Millisecond)
	if ms == 0 {
		ms = 1
	}
	if own == 0 || ms < own {
		b.deadlineMS = ms
	}
	return b, nil
}

func endedBefore(err, cause error) *Error {
	code := ErrCancelled
	if err == context.DeadlineExceeded {
		code = ErrTimeout
	}
	return &Error{Code: code, Message: "nothing was sent: " + cause.Error(), cause: cause}
}

// cancellable says whether the context may end during the call.
func (b *bounds) cancellable() bool {
	return b.ctx.Done() != nil
}

// cause is the context's error where that is what ended a call with this code and status. Time that
// is rounded down runs out up to a millisecond before the context does.
func (b *bounds) cause(code Code, status int) error {
	if code != ErrTimeout && code != ErrCancelled && (code != ErrRateLimited || status != 0) {
		return nil
	}
	if err := endOf(b.ctx); err != nil {
		return err
	}
	if code == ErrTimeout && !b.deadline.IsZero() && time.Until(b.deadline) < 2*time.Millisecond {
		return context.DeadlineExceeded
	}
	return nil
}
