package sac

// #include <sac.h>
import "C"

import (
	"context"
	"sync"
	"time"
)

// deadlineSlack is how far a context may come before its own deadline and still be taken to have
// ended by it.
const deadlineSlack = 50 * time.Millisecond

// A watcher triggers a cancel when a context ends, and never after stop has returned: the cancel is
// then another call's.
type watcher struct {
	bounds  bounds
	cancel  *C.sac_cancel
	unwatch func()

	mu        sync.Mutex
	over      bool
	triggered bool
}

// watch begins to watch. How it gets to know of the context's end depends on the version of Go.
func watch(bounds bounds, cancel *C.sac_cancel) *watcher {
	w := &watcher{bounds: bounds, cancel: cancel}
	w.unwatch = whenDone(bounds.ctx, w.ended)
	return w
}

// ended is called when the context has ended, on a goroutine of its own.
func (w *watcher) ended() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over && !w.leftToTheLibrary() {
		C.sac_cancel_trigger(w.cancel)
		w.triggered = true
	}
}

// leftToTheLibrary: a call that ends by its deadline ends with what the library says of that, and
// does not depend on who is the first to see that the time has come.
func (w *watcher) leftToTheLibrary() bool {
	deadline := w.bounds.deadline
	return w.bounds.ctx.Err() == context.DeadlineExceeded && !deadline.IsZero() &&
		time.Until(deadline) < deadlineSlack
}

// stop ends the watch, and says whether the cancel has been triggered.
func (w *watcher) stop() (triggered bool) {
	w.unwatch()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	return w.triggered
}
