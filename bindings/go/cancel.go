package sac

// #include <sac.h>
import "C"

import "sync"

// maxIdleWatchers is the number of watchers that a client and its clones keep for later calls. Each has a
// cancel, which holds two file descriptors.
const maxIdleWatchers = 32

// watcherPool keeps watchers whose cancel was never triggered, because a new cancel costs three system calls.
type watcherPool struct {
	mu     sync.Mutex
	idle   []*watcher
	closed bool
}

func (p *watcherPool) get() (*watcher, Code) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.idle) - 1; last >= 0 {
		w := p.idle[last]
		p.idle = p.idle[:last]
		return w, OK
	}
	var cancel *C.sac_cancel
	if code := Code(C.sac_cancel_new(&cancel)); code != OK {
		return nil, code
	}
	return newWatcher(cancel), OK
}

// put returns a watcher to the pool, or frees its cancel.
func (p *watcherPool) put(w *watcher) {
	p.mu.Lock()
	keep := !p.closed && len(p.idle) < maxIdleWatchers
	if keep {
		p.idle = append(p.idle, w)
	}
	p.mu.Unlock()
	if !keep {
		C.sac_cancel_free(w.cancel)
	}
}

func (p *watcherPool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, w := range idle {
		C.sac_cancel_free(w.cancel)
	}
}
