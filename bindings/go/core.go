package sac

// #include "shim.h"
import "C"

import (
	"sync"
	"sync/atomic"
)

// core is the library's client with all that has to live as long as it does. It is freed when its
// owner has let go of it and the last call on it is over, whichever comes last.
type core struct {
	pointer *C.sac_client
	family  *family

	refs   atomic.Int64 // the owner's, until it closes, and one for each call
	closed atomic.Bool

	mu        sync.Mutex // guards what follows, and that it agrees with what pointer has
	callbacks []*callback
	known     settings
}

// settings are those that the binding itself has to know.
type settings struct {
	deadline uint64 // of a call, in milliseconds; 0 for none
	observed bool   // there are callbacks, which want to know the call's context
}

// newCore takes the library's client over.
func newCore(pointer *C.sac_client, family *family) *core {
	c := &core{pointer: pointer, family: family}
	c.refs.Store(1)
	return c
}

// acquire keeps the client alive until release; false where it has been closed.
func (c *core) acquire() bool {
	for c != nil && !c.closed.Load() {
		refs := c.refs.Load()
		if refs == 0 {
			break
		}
		if c.refs.CompareAndSwap(refs, refs+1) {
			return true
		}
	}
	return false
}

func (c *core) release() {
	if c.refs.Add(-1) == 0 {
		C.sac_client_free(c.pointer)
		for _, callback := range c.callbacks {
			callback.release()
		}
		c.family.release()
	}
}

// close lets go of it for the owner, the first time.
func (c *core) close() {
	if c != nil && c.closed.CompareAndSwap(false, true) {
		c.release()
	}
}

// clone is a scope of its own. The caller has acquired c.
func (c *core) clone() *core {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.family.refs.Add(1)
	twin := newCore(C.sac_client_clone(c.pointer), c.family)
	twin.known = c.known
	twin.callbacks = append(twin.callbacks, c.callbacks...)
	for _, callback := range twin.callbacks {
		callback.refs.Add(1)
	}
	return twin
}

func (c *core) settings() settings {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known
}

// family is what a client shares with its clones.
type family struct {
	refs    atomic.Int64 // one for each core
	cancels cancelPool
}

func newFamily() *family {
	f := &family{}
	f.refs.Store(1)
	return f
}

func (f *family) release() {
	if f.refs.Add(-1) == 0 {
		f.cancels.close()
	}
}
