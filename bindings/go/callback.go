package sac

// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"runtime/cgo"
	"sync/atomic"
	"time"
)

// A callback is a function of the caller's that the library knows by a number. It lives as long as
// the last client that has ever had it.
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

// A LogFunc receives log lines: one line without control characters and without secrets. ctx is the
// context of the call that the line is about. It is called on the goroutine that makes the call, and
// from several at once where several make calls. A line that it panics at is lost.
type LogFunc func(ctx context.Context, level LogLevel, line string)

// A Retry is what a [RetryFunc] is told.
type Retry struct {
	// Attempt counts the attempts made.
	Attempt int
	// Code and Status say what came of the last one; Status is 0 where no response arrived.
	Code   Code
	Status int
	// Wait is how long is waited before the next one.
	Wait time.Duration
}

// A RetryFunc is told before each wait for a retry, and says whether the retry may happen; after
// false the call ends with what it has. ctx is the context of the call. It is called on the
// goroutine that makes the call, and from several at once where several make calls. Where it
// panics, the call ends with [ErrInternal], and the error says at what.
type RetryFunc func(ctx context.Context, retry Retry) bool

// An observed call is one whose client has callbacks, as they get to see it.
type observedCall struct {
	ctx      context.Context
	panicked error // what a RetryFunc panicked with
}

// observing is the call that a callback runs for.
func observing(handle C.uintptr_t) *observedCall {
	if handle == 0 {
		return &observedCall{ctx: context.Background()}
	}
	return cgo.Handle(handle).Value().(*observedCall)
}

//export goSacLog
func goSacLog(function, call C.uintptr_t, level C.int32_t, line *C.char) {
	defer func() { _ = recover() }()
	log := cgo.Handle(function).Value().(LogFunc)
	log(observing(call).ctx, LogLevel(level), C.GoString(line))
}

//export goSacMayRetry
func goSacMayRetry(function, call C.uintptr_t, attempt C.uint32_t, code, status C.int32_t, waitMS C.uint64_t) (may C.bool) {
	observed := observing(call)
	defer func() {
		if value := recover(); value != nil {
			observed.panicked = panicError(value)
			may = false
		}
	}()
	mayRetry := cgo.Handle(function).Value().(RetryFunc)
	return C.bool(mayRetry(observed.ctx, Retry{
		Attempt: int(attempt),
		Code:    Code(code),
		Status:  int(status),
		Wait:    duration(waitMS),
	}))
}

func panicError(value any) error {
	if err, ok := value.(error); ok {
		return fmt.Errorf("the RetryFunc panicked: %w", err)
	}
	return fmt.Errorf("the RetryFunc panicked: %v", value)
}

// duration is a number of milliseconds as a duration, the longest there is where it is longer.
func duration(ms C.uint64_t) time.Duration {
	const longest = 1<<63 - 1
	if uint64(ms) > uint64(longest/time.Millisecond) {
		return longest
	}
	return time.Duration(ms) * time.Millisecond
}
