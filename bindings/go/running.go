package sac

// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"net/http"
	"runtime/cgo"
)

// running is what a call needs until it ends, and a stream until it is closed.
type running struct {
	core     *core
	settings settings
	callCtx  callContext
	watcher  *watcher   // nil if nothing can end the call early
	handle   cgo.Handle // of the callbacks; 0 if the library calls none
	upload   *upload    // nil if the request has no body from a reader
}

// begin prepares a call. The caller calls end after it, unless begin returns an error. stoppable: the call
// can also be ended by interrupt.
func (g *running) begin(ctx context.Context, client *Client, r *Request, callbacks *callbackContext, stoppable bool) error {
	if ctx == nil {
		ctx = context.Background()
	}
	core := client.core()
	if !core.acquire() {
		return closedError()
	}
	g.core, g.settings = core, core.copySettings()
	callbacks.ctx, callbacks.request = ctx, r
	if err := g.prepare(ctx, callbacks, stoppable); err != nil {
		g.end()
		return err
	}
	return nil
}

func (g *running) prepare(ctx context.Context, callbacks *callbackContext, stoppable bool) (err error) {
	r := callbacks.request
	if r.source != nil {
		if g.upload, err = r.source.newUpload(); err != nil {
			return err
		}
		callbacks.upload = g.upload
	}
	if g.callCtx, err = newCallContext(ctx, r.deadlineOr(g.settings.deadline)); err != nil {
		return err
	}
	if stoppable || g.callCtx.canEnd() || r.trace != nil {
		if err := g.watch(); err != nil {
			return err
		}
	}
	if r.trace != nil {
		callbacks.trace = &trace{hooks: r.trace, stop: g.watcher.trigger}
	}
	if g.settings.hasCallbacks || r.output != nil || r.progress != nil || r.trace != nil || g.upload != nil {
		g.handle = cgo.NewHandle(callbacks)
	}
	return nil
}

// watch gets a cancel, and lets the context trigger it.
func (g *running) watch() error {
	watcher, code := g.core.shared.watchers.get()
	if code != OK {
		return newError(code, "")
	}
	g.watcher = watcher
	if g.callCtx.canEnd() {
		watcher.start(g.callCtx, g.upload)
	}
	return nil
}

// cancel returns the cancel of the call; nil if there is none.
func (g *running) cancel() *C.sac_cancel {
	if g.watcher == nil {
		return nil
	}
	return g.watcher.cancel
}

// outcome returns the code of a call or a stream, and the context's error if the context ended it. If the deadline
// has closed the body of the request, the library knows only that the body cannot be read.
func (g *running) outcome(code Code, status int) (Code, error) {
	cause := g.callCtx.cause(code, status)
	if code == ErrCancelled && g.upload != nil && errors.Is(cause, context.DeadlineExceeded) {
		code = ErrTimeout
	}
	return code, cause
}

// end releases everything.
func (g *running) end() {
	if g.watcher != nil {
		if watcher := g.watcher.stop(); watcher != nil {
			g.core.shared.watchers.put(watcher)
		}
	}
	if g.handle != 0 {
		g.handle.Delete()
	}
	if g.upload != nil {
		g.upload.end()
	}
	g.core.release()
	*g = running{}
}

// failure makes the error of a call or of a stream. message is the library's.
func (c *callbackContext) failure(code Code, status int, message string, cause error) *Error {
	if c.panicked != nil {
		return &Error{Code: ErrInternal, Status: status, Message: c.panicked.Error(),
			request: c.request.methodAndPath(), cause: c.panicked}
	}
	if c.traceErr != nil {
		return &Error{Code: ErrCancelled, Status: status, Message: "a hook of the trace ends the call: " + c.traceErr.Error(),
			request: c.request.methodAndPath(), cause: c.traceErr}
	}
	err := &Error{Code: code, Status: status, Message: message, cause: cause}
	if status >= http.StatusBadRequest && (code == ErrStatus || code == ErrRateLimited) {
		// The message is the server's. The library's own messages already name the request.
		err.request = c.request.methodAndPath()
	}
	if causeErr, ok := cause.(*causeError); ok {
		err.Message += ": " + causeErr.cause.Error()
	}
	if ioErr := c.ioErr; cause == nil && ioErr != nil && (code == ErrCancelled || code == ErrInvalidArgument) {
		err.cause = ioErr
		err.Message += ": " + ioErr.Error()
	}
	if cause == nil && c.tokenErr != nil && code == ErrToken {
		err.cause = c.tokenErr
		err.Message += ": " + c.tokenErr.Error()
	}
	return err
}
