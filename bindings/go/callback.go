package sac

// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"runtime/cgo"
	"sync/atomic"
	"time"
	"unsafe"
)

// A callback is a function of the caller that the library knows by a number. It lives as long as any
// client that has ever had it.
type callback struct {
	handle cgo.Handle
	refs   atomic.Int64
}

func newCallback(function any) *callback {
	c := &callback{handle: cgo.NewHandle(function)}
	c.refs.Store(1)
	return c
}

func (c *callback) release() {
	if c.refs.Add(-1) == 0 {
		c.handle.Delete()
	}
}

// A LogFunc receives log lines. A line has no line breaks, no control characters and no secrets. ctx is
// the context of the call that the line is about. The goroutine that makes the call calls the function;
// several goroutines may call it at once. If it panics, the line is lost.
type LogFunc func(ctx context.Context, level LogLevel, line string)

// A Retry describes a retry that is about to happen, for a [RetryFunc].
type Retry struct {
	// Attempt is the number of attempts so far.
	Attempt int
	// Code and Status are the result of the last attempt; Status is 0 if no response arrived.
	Code   Code
	Status int
	// Wait is the delay before the next attempt.
	Wait time.Duration
}

// A RetryFunc decides before the delay of each retry whether the retry may happen. If it returns false,
// the call ends with the result of the last attempt. ctx is the context of the call. The goroutine that
// makes the call calls the function; several goroutines may call it at once. If it panics, the call ends
// with [ErrInternal], and the error contains the value of the panic.
type RetryFunc func(ctx context.Context, retry Retry) bool

// callbackContext is the data of a call that its callbacks use.
type callbackContext struct {
	ctx      context.Context
	request  *Request
	upload   *upload // nil if the request has no body from a reader
	trace    *trace  // nil if the request has none
	panicked error   // from a panic in a callback
	ioErr    error   // from the writer of Output, the reader of the body, or the AttemptFunc
	tokenErr error   // from the TokenSource
	traceErr error   // from the trace
}

// recoverPanic calls a callback and returns its result. If the callback panics, it records the panic and
// returns false.
func (c *callbackContext) recoverPanic(what string, do func() bool) (ok bool) {
	defer func() {
		if value := recover(); value != nil {
			c.panicked = panicError(what, value)
			ok = false
		}
	}()
	return do()
}

// callbackContextOf returns the context that a handle stands for.
func callbackContextOf(handle C.uintptr_t) *callbackContext {
	if handle == 0 {
		return &callbackContext{ctx: context.Background()}
	}
	return cgo.Handle(handle).Value().(*callbackContext)
}

//export goSacLog
func goSacLog(function, handle C.uintptr_t, level C.int32_t, line *C.char) {
	defer func() { _ = recover() }()
	log := cgo.Handle(function).Value().(LogFunc)
	log(callbackContextOf(handle).ctx, LogLevel(level), C.GoString(line))
}

//export goSacMayRetry
func goSacMayRetry(function, handle C.uintptr_t, attempt C.uint32_t, code, status C.int32_t, waitMS C.uint64_t) C.bool {
	call := callbackContextOf(handle)
	return C.bool(call.recoverPanic("the RetryFunc", func() bool {
		mayRetry := cgo.Handle(function).Value().(RetryFunc)
		return mayRetry(call.ctx, Retry{
			Attempt: int(attempt),
			Code:    Code(code),
			Status:  int(status),
			Wait:    duration(waitMS),
		})
	}))
}

//export goSacData
func goSacData(handle C.uintptr_t, bytes *C.uint8_t, length C.size_t) C.bool {
	call := callbackContextOf(handle)
	return C.bool(call.recoverPanic("the writer of Output", func() bool {
		_, call.ioErr = call.request.output.Write(viewBytes(unsafe.Pointer(bytes), length))
		return call.ioErr == nil
	}))
}

//export goSacRead
func goSacRead(handle C.uintptr_t, buffer *C.uint8_t, size C.size_t) C.int64_t {
	call, read := callbackContextOf(handle), 0
	ok := call.recoverPanic("the reader of the body", func() bool {
		read, call.ioErr = call.upload.read(viewBytes(unsafe.Pointer(buffer), size))
		return call.ioErr == nil
	})
	if !ok {
		return -1
	}
	return C.int64_t(read)
}

//export goSacRewind
func goSacRewind(handle C.uintptr_t) C.bool {
	call := callbackContextOf(handle)
	return C.bool(call.recoverPanic("the reader of the body", func() bool {
		call.ioErr = call.upload.rewind()
		return call.ioErr == nil
	}))
}

//export goSacTrace
func goSacTrace(handle C.uintptr_t, event *C.char) {
	call := callbackContextOf(handle)
	if call.trace == nil {
		return // Outside of a call and of a read: nobody could learn of a failure.
	}
	ok := call.recoverPanic("the trace", func() bool {
		if err := call.trace.event(C.GoString(event)); err != nil && call.traceErr == nil {
			call.traceErr = err
		}
		return call.traceErr == nil
	})
	if !ok {
		call.trace.stop()
	}
}

//export goSacProgress
func goSacProgress(handle C.uintptr_t, sent, toSend, received, toReceive C.uint64_t) C.bool {
	call := callbackContextOf(handle)
	return C.bool(call.recoverPanic("the ProgressFunc", func() bool {
		return call.request.progress(call.ctx, Progress{
			Sent: int64(sent), ToSend: int64(toSend), Received: int64(received), ToReceive: int64(toReceive),
		})
	}))
}

func panicError(what string, value any) error {
	if err, ok := value.(error); ok {
		return fmt.Errorf("%s panicked: %w", what, err)
	}
	return fmt.Errorf("%s panicked: %v", what, value)
}

// duration converts milliseconds; a number that does not fit becomes the longest duration.
func duration(ms C.uint64_t) time.Duration {
	const maxDuration = 1<<63 - 1
	if uint64(ms) > uint64(maxDuration/time.Millisecond) {
		return maxDuration
	}
	return time.Duration(ms) * time.Millisecond
}
