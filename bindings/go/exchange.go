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

// An exchange is one call while it lasts: the memory that it needs, which is used again, and what
// came of it.
type exchange struct {
	script   []byte
	request  Request         // of a call that has none of its own
	answer   C.gosac_answer  // what came of it
	reply    *C.sac_response // nil where there is none; it lives as long as the exchange
	observed observedCall
	cause    error // of a call that its context has ended
	journal  bool  // the journal is wanted in any case
}

var exchanges = sync.Pool{New: func() any { return &exchange{script: make([]byte, 0, 512)} }}

// maxKeptScript is the longest script whose memory is used again.
const maxKeptScript = 64 << 10

func newExchange() *exchange {
	return exchanges.Get().(*exchange)
}

// free gives the memory back, without a pointer into C's memory, which the garbage collector could
// come to take for one into Go's, and without anything of the call, which may be secret.
func (x *exchange) free() {
	C.sac_response_free(x.reply)
	if cap(x.script) > maxKeptScript {
		return
	}
	wipe(x.script)
	wipe(x.text())
	x.script, x.request, x.reply = x.script[:0], Request{}, nil
	x.observed, x.cause, x.journal = observedCall{}, nil, false
	exchanges.Put(x)
}

// begin writes down the request of a call that has none of its own.
func (x *exchange) begin(describe func(*Request) error) (*Request, error) {
	r := &x.request
	r.script = x.script[:0]
	err := describe(r)
	x.script = r.script // which may have grown
	return r, err
}

// run makes the call. An error is one of a call that was never made; otherwise x tells what came of
// it, until it is freed.
func (x *exchange) run(ctx context.Context, client *Client, r *Request) error {
	if ctx == nil {
		ctx = context.Background()
	}
	core := client.core()
	if !core.acquire() {
		return closedError()
	}
	defer runtime.KeepAlive(client.owner)
	defer core.release()

	settings := core.settings()
	x.journal = settings.journal
	bounds, err := boundsOf(ctx, r.ownDeadline(settings.deadline))
	if err != nil {
		return err
	}
	var call cgo.Handle
	if settings.observed || r.output != nil || r.progress != nil {
		x.observed.ctx, x.observed.request = ctx, r
		call = cgo.NewHandle(&x.observed)
		defer call.Delete()
	}
	if err := x.send(core, r, bounds, call); err != nil {
		return err
	}
	if x.reply == nil {
		return r.refused(Code(x.answer.refused), int(x.answer.step))
	}
	x.cause = bounds.cause(Code(x.reply.code), int(x.reply.status))
	return nil
}

// send crosses over to C, with a cancel where the context may end.
func (x *exchange) send(core *core, r *Request, bounds bounds, call cgo.Handle) error {
	if !bounds.cancellable() {
		x.cross(core, r, bounds, nil, call)
		return nil
	}
	cancel, code := core.family.cancels.get()
	if code != OK {
		return newError(code, "")
	}
	watcher := watch(bounds, cancel)
	x.cross(core, r, bounds, cancel, call)
	core.family.cancels.put(cancel, watcher.stop())
	return nil
}

func (x *exchange) cross(core *core, r *Request, bounds bounds, cancel *C.sac_cancel, call cgo.Handle) {
	x.reply = C.gosac_send(core.pointer, start(r.script), C.size_t(len(r.script)), start(r.body),
		C.size_t(len(r.body)), cancel, C.uint64_t(bounds.deadlineMS), C.uintptr_t(call), &x.answer)
	runtime.KeepAlive(r)
}

// failure is the error that the call ended with; nil where all went well.
func (x *exchange) failure(r *Request) *Error {
	response := x.reply
	if x.observed.panicked != nil {
		return &Error{Code: ErrInternal, Status: int(response.status), Message: x.observed.panicked.Error(),
			call: r.call(), cause: x.observed.panicked}
	}
	if response.code == C.SAC_OK {
		return nil
	}
	failed := &Error{Code: Code(response.code), Status: int(response.status),
		Message: C.GoString(response.error), cause: x.cause}
	if failed.Status >= http.StatusBadRequest && (failed.Code == ErrStatus || failed.Code == ErrRateLimited) {
		failed.call = r.call() // The message is the server's own. Any other begins with the call.
	}
	if end, ok := x.cause.(*ended); ok {
		failed.Message += ": " + end.reason.Error()
	}
	if stopped := x.observed.stopped; failed.cause == nil && stopped != nil && failed.Code == ErrCancelled {
		failed.cause = stopped
		failed.Message += ": " + stopped.Error()
	}
	return failed
}

// start is where bytes start, for C; nil where there are none.
func start(bytes []byte) *C.uint8_t {
	if len(bytes) == 0 {
		return nil
	}
	return (*C.uint8_t)(unsafe.Pointer(&bytes[0]))
}
