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

// A watcher triggers a cancel when a context ends, but never after stop has returned, because another call
// then uses the cancel.
type watcher struct {
	callCtx callContext
	cancel  *C.sac_cancel
	unwatch func()

	mu        sync.Mutex
	stopped   bool
	triggered bool
}

// watch starts to watch the context. afterDone depends on the version of Go.
func watch(callCtx callContext, cancel *C.sac_cancel) *watcher {
	w := &watcher{callCtx: callCtx, cancel: cancel}
	w.unwatch = afterDone(callCtx.ctx, w.onDone)
	return w
}

// onDone runs in its own goroutine when the context has ended.
func (w *watcher) onDone() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped && !w.libraryEndsCall() {
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

// stop ends the watch, and reports whether the cancel was triggered.
func (w *watcher) stop() (triggered bool) {
	w.unwatch()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	return w.triggered
}
