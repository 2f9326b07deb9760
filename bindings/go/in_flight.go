package sac

// #include "shim.h"
import "C"

import (
	"context"
	"net/http"
	"runtime"
	"runtime/cgo"
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
	callbacks callbackContext
	cause     error // the context's error, if the context ended the call
	journal   bool  // every call keeps its journal
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
	if c.response != nil {
		C.sac_response_free(c.response)
	}
	if cap(c.script) > maxPooledScript {
		return
	}
	wipe(c.script)
	wipe(c.text())
	c.script, c.request, c.response = c.script[:0], Request{}, nil
	c.callbacks, c.cause, c.journal = callbackContext{}, nil, false
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
	if ctx == nil {
		ctx = context.Background()
	}
	core := client.core()
	if !core.acquire() {
		return closedError()
	}
	defer runtime.KeepAlive(client.owner)
	defer core.release()

	settings := core.copySettings()
	c.journal = settings.journal
	callCtx, err := newCallContext(ctx, r.deadlineOr(settings.deadline))
	if err != nil {
		return err
	}
	var handle cgo.Handle
	if settings.hasCallbacks || r.output != nil || r.progress != nil {
		c.callbacks.ctx, c.callbacks.request = ctx, r
		handle = cgo.NewHandle(&c.callbacks)
		defer handle.Delete()
	}
	if err := c.send(core, r, callCtx, handle); err != nil {
		return err
	}
	if c.response == nil && !bool(c.result.whole) {
		return r.stepError(Code(c.result.refused_code), int(c.result.step))
	}
	c.cause = callCtx.cause(Code(c.result.code), int(c.result.status))
	return nil
}

// send calls C, with a cancel if the context can end.
func (c *inFlight) send(core *core, r *Request, callCtx callContext, handle cgo.Handle) error {
	if !callCtx.canEnd() {
		c.callC(core, r, callCtx, nil, handle)
		return nil
	}
	watchers := &core.shared.watchers
	watcher, code := watchers.get()
	if code != OK {
		return newError(code, "")
	}
	watcher.start(callCtx)
	c.callC(core, r, callCtx, watcher.cancel, handle)
	if watcher = watcher.stop(); watcher != nil {
		watchers.put(watcher)
	}
	return nil
}

func (c *inFlight) callC(core *core, r *Request, callCtx callContext, cancel *C.sac_cancel, handle cgo.Handle) {
	c.response = C.gosac_send(core.pointer, bytePointer(r.script), C.size_t(len(r.script)), bytePointer(r.body),
		C.size_t(len(r.body)), cancel, C.uint64_t(callCtx.deadlineMS), C.uintptr_t(handle), C.bool(c.journal),
		&c.result)
	runtime.KeepAlive(r)
}

// failure returns the error of the call; nil if it succeeded.
func (c *inFlight) failure(r *Request) *Error {
	if c.callbacks.panicked != nil {
		return &Error{Code: ErrInternal, Status: int(c.result.status), Message: c.callbacks.panicked.Error(),
			request: r.methodAndPath(), cause: c.callbacks.panicked}
	}
	if c.result.code == C.SAC_OK {
		return nil
	}
	err := &Error{Code: Code(c.result.code), Status: int(c.result.status),
		Message: C.GoString(c.response.error), cause: c.cause}
	if err.Status >= http.StatusBadRequest && (err.Code == ErrStatus || err.Code == ErrRateLimited) {
		// The message is the server's. The library's own messages already name the request.
		err.request = r.methodAndPath()
	}
	if causeErr, ok := c.cause.(*causeError); ok {
		err.Message += ": " + causeErr.cause.Error()
	}
	if writeErr := c.callbacks.writeErr; err.cause == nil && writeErr != nil && err.Code == ErrCancelled {
		err.cause = writeErr
		err.Message += ": " + writeErr.Error()
	}
	return err
}

// bytePointer returns a pointer to the first byte, for C; nil if there is none.
func bytePointer(bytes []byte) *C.uint8_t {
	if len(bytes) == 0 {
		return nil
	}
	return (*C.uint8_t)(unsafe.Pointer(&bytes[0]))
}
