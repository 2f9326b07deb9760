package sac

// #include <sac.h>
import "C"

import "sync"

// maxIdleCancels is the number of cancels that a client and its clones keep for later calls. Each holds
// two file descriptors.
const maxIdleCancels = 32

// cancelPool keeps cancels that were never triggered, because a new one costs three system calls.
type cancelPool struct {
	mu     sync.Mutex
	idle   []*C.sac_cancel
	closed bool
}

func (p *cancelPool) get() (*C.sac_cancel, Code) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.idle) - 1; last >= 0 {
		cancel := p.idle[last]
		p.idle = p.idle[:last]
		return cancel, OK
	}
	var cancel *C.sac_cancel
	code := Code(C.sac_cancel_new(&cancel))
	return cancel, code
}

// put returns a cancel to the pool, or frees it. A triggered one would end the next call too.
func (p *cancelPool) put(cancel *C.sac_cancel, triggered bool) {
	p.mu.Lock()
	keep := !triggered && !p.closed && len(p.idle) < maxIdleCancels
	if keep {
		p.idle = append(p.idle, cancel)
	}
	p.mu.Unlock()
	if !keep {
		C.sac_cancel_free(cancel)
	}
}

func (p *cancelPool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, cancel := range idle {
		C.sac_cancel_free(cancel)
	}
}
