package sac

// #include "shim.h"
import "C"

import (
	"context"
	"runtime"
	"sync"
	"unsafe"
)

// inFlight is one call that is in progress: its memory, which later calls reuse, and its result.
type inFlight struct {
	script    []byte
	request   Request         // used by calls without a Request of the caller
	result    C.gosac_result  // the response, or why there is none
	response  *C.sac_response // nil if there is none, or if the result is whole; valid until free
	names     fieldNames      // of an earlier response
	tls       tlsCache        // of an earlier response
	callbacks callbackContext
	cause     error // the context's error, if the context ended the call
	journal   bool  // every call keeps its journal
	// isBorrowed: response belongs to a stream.
	isBorrowed bool
}

var inFlightPool = sync.Pool{New: func() any { return &inFlight{script: make([]byte, 0, 512)} }}

// maxPooledScript is the capacity of the largest script whose memory is reused, in bytes.
const maxPooledScript = 64 << 10

func newInFlight() *inFlight {
	return inFlightPool.Get().(*inFlight)
}

// free returns the memory to the pool. It removes pointers to C memory, because the garbage collector
// could later take one for a pointer to Go memory. It wipes the data of the call, which may be secret.
func (c *inFlight) free() {
	if c.response != nil && !c.isBorrowed {
		C.sac_response_free(c.response)
	}
	if cap(c.script) > maxPooledScript {
		return
	}
	wipe(c.script)
	wipe(c.text())
	c.script, c.request, c.response = c.script[:0], Request{}, nil
	c.callbacks, c.cause, c.journal, c.isBorrowed = callbackContext{}, nil, false, false
	inFlightPool.Put(c)
}

// start writes a request into the reused memory.
func (c *inFlight) start(write func(*Request) error) (*Request, error) {
	r := &c.request
	r.script = c.script[:0]
	err := write(r)
	c.script = r.script // write may have moved it
	return r, err
}

// run makes the call. It returns an error if nothing was sent. Otherwise c contains the response.
func (c *inFlight) run(ctx context.Context, client *Client, r *Request) error {
	var running running
	if err := running.begin(ctx, client, r, &c.callbacks, false); err != nil {
		return err
	}
	defer runtime.KeepAlive(client.owner)
	defer running.end()

	c.journal = running.settings.journal
	c.response = C.gosac_send(running.core.pointer, bytePointer(r.script), C.size_t(len(r.script)), bytePointer(r.body),
		C.size_t(len(r.body)), running.cancel(), C.uint64_t(running.callCtx.deadlineMS), C.uintptr_t(running.handle),
		C.bool(c.journal), &c.result)
	runtime.KeepAlive(r)
	return c.sent(r, &running)
}

// sent processes the result of C. It returns an error if nothing was sent.
func (c *inFlight) sent(r *Request, g *running) error {
	if c.response == nil && !bool(c.result.whole) {
		return r.stepError(Code(c.result.refused_code), int(c.result.step))
	}
	code, cause := g.outcome(Code(c.result.code), int(c.result.status))
	c.result.code, c.cause = C.sac_code(code), cause
	return nil
}

// failure returns the error of the call; nil if it succeeded.
func (c *inFlight) failure(callbacks *callbackContext) *Error {
	if c.result.code == C.SAC_OK && callbacks.panicked == nil && callbacks.traceErr == nil {
		return nil
	}
	message := ""
	if c.response != nil {
		message = C.GoString(c.response.error)
	}
	return callbacks.failure(Code(c.result.code), int(c.result.status), message, c.cause)
}

// bytePointer returns a pointer to the first byte, for C; nil if there is none.
func bytePointer(bytes []byte) *C.uint8_t {
	if len(bytes) == 0 {
		return nil
	}
	return (*C.uint8_t)(unsafe.Pointer(&bytes[0]))
}
