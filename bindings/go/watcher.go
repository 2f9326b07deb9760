package sac

// #include <sac.h>
import "C"

import (
	"context"
	"sync"
	"time"
)

// deadlineSlack is how long before its deadline a context may end and still count as ended by the deadline.
const deadlineSlack = 50 * time.Millisecond

// A watcher triggers its cancel when the context of a call ends, but never after stop has returned, because
// another call then uses the cancel.
type watcher struct {
	cancel  *C.sac_cancel
	run     func() // onDone
	callCtx callContext
	upload  *upload     // of the call; nil if there is none
	unwatch func() bool // nil if no context is watched

	mu        sync.Mutex
	stopped   bool
	triggered bool
}

func newWatcher(cancel *C.sac_cancel) *watcher {
	w := &watcher{cancel: cancel}
	w.run = w.onDone
	return w
}

// start starts to watch the context of a call. If the context ends, it also closes the body of the request,
// because no cancel interrupts a reader. afterDone depends on the version of Go.
func (w *watcher) start(callCtx callContext, upload *upload) {
	w.callCtx, w.upload = callCtx, upload
	w.unwatch = afterDone(callCtx.ctx, w.run)
}

// onDone runs in its own goroutine when the context has ended.
func (w *watcher) onDone() {
	if !w.libraryEndsCall() {
		w.trigger()
	}
	if w.upload != nil {
		w.upload.interrupt()
	}
}

// trigger ends the call, unless stop was called.
func (w *watcher) trigger() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		C.sac_cancel_trigger(w.cancel)
		w.triggered = true
	}
}

// libraryEndsCall reports whether the library ends the call, because the context's deadline has passed: the
// error is then always the library's timeout, even if the context notices it first.
func (w *watcher) libraryEndsCall() bool {
	deadline := w.callCtx.deadline
	return w.callCtx.ctx.Err() == context.DeadlineExceeded && !deadline.IsZero() &&
		time.Until(deadline) < deadlineSlack
}

// stop ends the watch. It returns a watcher for the next call: w itself, or a new one with the same cancel if
// onDone could still run. If the cancel was triggered, it would end the next call too: stop then frees it, and
// returns nil.
func (w *watcher) stop() *watcher {
	isQuiet := w.unwatch == nil || w.unwatch()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.triggered:
		w.stopped = true
		C.sac_cancel_free(w.cancel)
		return nil
	case isQuiet:
		w.callCtx, w.upload, w.unwatch = callContext{}, nil, nil
		return w
	}
	w.stopped = true
	return newWatcher(w.cancel)
}
