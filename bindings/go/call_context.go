package sac

import (
	"context"
	"time"
)

// noDeadline leaves the deadline of a call to the client and the request.
const noDeadline = ^uint64(0)

// callContext is the context of a call, and the time that it leaves for the call.
type callContext struct {
	ctx      context.Context
	deadline time.Time // the context's; zero if it has none
	// deadlineMS is the remaining time in milliseconds, if it is less than the deadline of the client
	// and the request; otherwise noDeadline.
	deadlineMS uint64
}

// newCallContext reads a context. configured is the deadline of the client and the request, in
// milliseconds; 0 for none. If the context has already ended, newCallContext returns the error of the
// call.
func newCallContext(ctx context.Context, configured uint64) (callContext, error) {
	c := callContext{ctx: ctx, deadlineMS: noDeadline}
	if err := ctx.Err(); err != nil {
		return c, notSentError(err, contextError(ctx))
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return c, nil
	}
	remaining := time.Until(deadline)
	if remaining <= 0 {
		return c, notSentError(context.DeadlineExceeded, context.DeadlineExceeded)
	}
	c.deadline = deadline
	// Rounded down, so that the library ends the call. 0 would mean no deadline.
	ms := uint64(remaining / time.Millisecond)
	if ms == 0 {
		ms = 1
	}
	if configured == 0 || ms < configured {
		c.deadlineMS = ms
	}
	return c, nil
}

func notSentError(err, cause error) *Error {
	code := ErrCancelled
	if err == context.DeadlineExceeded {
		code = ErrTimeout
	}
	return &Error{Code: code, Message: "nothing was sent: " + cause.Error(), cause: cause}
}

// canEnd reports whether the context can end during the call.
func (c *callContext) canEnd() bool {
	return c.ctx.Done() != nil
}

// cause returns the context's error if the context ended a call with this code and status. The
// library's deadline is rounded down, so it can pass up to a millisecond before the context's.
func (c *callContext) cause(code Code, status int) error {
	if code != ErrTimeout && code != ErrCancelled && (code != ErrRateLimited || status != 0) {
		return nil
	}
	if err := contextError(c.ctx); err != nil {
		return err
	}
	if code == ErrTimeout && !c.deadline.IsZero() && time.Until(c.deadline) < 2*time.Millisecond {
		return context.DeadlineExceeded
	}
	return nil
}
