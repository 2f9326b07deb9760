package sac

// #include "shim.h"
import "C"

import (
	"sync"
	"sync/atomic"
)

// core is the library's client, and everything that must live as long as it does. It is freed when its
// owner has closed it and its last call has ended.
type core struct {
	pointer *C.sac_client
	shared  *sharedState

	refs   atomic.Int64 // one for the owner until it closes, and one for each call
	closed atomic.Bool

	mu        sync.Mutex // guards the fields below, and keeps them consistent with pointer
	callbacks []*callback
	settings  settings
}

// settings are the settings that the binding itself uses.
type settings struct {
	deadline     uint64 // of a call, in milliseconds; 0 for none
	hasCallbacks bool   // there are callbacks, which want to know the call's context
	journal      bool   // every call's journal is wanted
}

// newCore takes ownership of the library's client.
func newCore(pointer *C.sac_client, shared *sharedState) *core {
	c := &core{pointer: pointer, shared: shared}
	c.refs.Store(1)
	return c
}

// acquire keeps the client alive until release. It returns false if the client is closed.
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
		c.shared.release()
	}
}

// close releases the owner's reference. Later calls do nothing.
func (c *core) close() {
	if c != nil && c.closed.CompareAndSwap(false, true) {
		c.release()
	}
}

// clone makes a separate scope. The caller has acquired c.
func (c *core) clone() *core {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shared.refs.Add(1)
	clone := newCore(C.sac_client_clone(c.pointer), c.shared)
	clone.settings = c.settings
	clone.callbacks = append(clone.callbacks, c.callbacks...)
	for _, callback := range clone.callbacks {
		callback.refs.Add(1)
	}
	return clone
}

func (c *core) copySettings() settings {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.settings
}

// sharedState is the state that a client shares with its clones.
type sharedState struct {
	refs     atomic.Int64 // one for each core
	watchers watcherPool
}

func newSharedState() *sharedState {
	s := &sharedState{}
	s.refs.Store(1)
	return s
}

func (s *sharedState) release() {
	if s.refs.Add(-1) == 0 {
		s.watchers.close()
	}
}
