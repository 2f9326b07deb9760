package sac

// #include "shim.h"
import "C"

import (
	"context"
	"io"
	"runtime"
	"sync"
	"unsafe"
)

// streamState is the library's stream, and everything that must live as long as it does.
type streamState struct {
	running   running
	callbacks callbackContext
	status    int // of the head

	mu       sync.Mutex
	pointer  *C.sac_stream // NULL if a step was refused
	isHeld   bool          // not freed yet
	isBusy   bool          // a goroutine reads, outside of the lock
	isClosed bool
	isSplit  bool  // it is read by records
	end      error // io.EOF, or why nothing more can be read
}

// open sends a request, and describes the head of its response in c. It returns an error if nothing was sent.
func (c *inFlight) open(ctx context.Context, client *Client, r *Request) (*streamState, error) {
	s := &streamState{}
	if err := s.running.begin(ctx, client, r, &s.callbacks, true); err != nil {
		return nil, err
	}
	s.isHeld = true
	g := &s.running
	c.journal = g.settings.journal
	opened := C.gosac_open(g.core.pointer, bytePointer(r.script), C.size_t(len(r.script)), bytePointer(r.body),
		C.size_t(len(r.body)), g.cancel(), C.uint64_t(g.callCtx.deadlineMS), C.uintptr_t(g.handle),
		C.bool(c.journal), &c.result)
	runtime.KeepAlive(r)
	runtime.KeepAlive(client.owner)
	s.pointer, c.response, c.isBorrowed = opened.stream, opened.refusal, false
	if s.pointer != nil {
		c.response, c.isBorrowed = C.sac_stream_head(s.pointer), true
	}
	s.status = int(c.result.status)
	if err := c.sent(r, g); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// read reads bytes. p is not empty.
func (s *streamState) read(p []byte) (int, error) {
	if err := s.enter(false); err != nil {
		return 0, err
	}
	n := int(C.gosac_stream_read(s.pointer, bytePointer(p), C.size_t(len(p)), C.uintptr_t(s.running.handle)))
	switch {
	case n == 0:
		return 0, s.leave(io.EOF)
	case n < 0:
		return 0, s.leave(s.failure(Code(-n)))
	}
	return n, s.leave(nil)
}

// next reads a record.
func (s *streamState) next() (Record, error) {
	if err := s.enter(true); err != nil {
		return Record{}, err
	}
	event := C.gosac_stream_next(s.pointer, C.uintptr_t(s.running.handle))
	if event == nil {
		return Record{}, s.leave(s.failure(Code(C.sac_stream_code(s.pointer))))
	}
	record := Record{
		Type: C.GoString(event._type),
		ID:   C.GoString(event.id),
		Data: copyBytes(unsafe.Pointer(event.data), event.data_len),
	}
	return record, s.leave(nil)
}

// failure returns the error for the code of a read that gave nothing: io.EOF for OK.
func (s *streamState) failure(code Code) error {
	if code == OK {
		return io.EOF
	}
	code, cause := s.running.outcome(code, s.status)
	if code == ErrClosed && cause == nil {
		cause = io.ErrUnexpectedEOF
	}
	return s.callbacks.failure(code, s.status, C.GoString(C.sac_stream_error(s.pointer)), cause)
}

// enter begins a read, unless that is impossible. Each successful call is followed by a call of leave.
func (s *streamState) enter(split bool) error {
	if s == nil {
		return streamClosedError(ErrInvalidArgument)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.isBusy:
		return inputError(ErrInvalidArgument, "another goroutine reads from the stream")
	case s.isClosed:
		return streamClosedError(ErrInvalidArgument)
	case s.end != nil:
		return s.end
	case s.isSplit && !split:
		return inputError(ErrInvalidArgument, "the stream is read by records, and cannot also be read as bytes")
	}
	s.isBusy, s.isSplit = true, split
	return nil
}

// leave ends a read, and frees the stream if it was the last one. end is io.EOF or the failure of the stream; nil if
// the stream goes on. leave returns the error of the read.
func (s *streamState) leave(end error) error {
	s.mu.Lock()
	s.isBusy = false
	if end != nil && end != io.EOF && s.isClosed {
		end = streamClosedError(ErrCancelled)
	}
	s.end = end
	isOver := s.isClosed || end != nil
	s.mu.Unlock()
	if isOver {
		s.free()
	}
	return end
}

// fail makes each read return the error of the call.
func (s *streamState) fail(err error) {
	s.end = err
	s.free()
}

// close ends the stream. Any goroutine may call it. A read that another goroutine has begun frees the stream.
func (s *streamState) close() {
	s.mu.Lock()
	isBusy, isFirst := s.isBusy, !s.isClosed
	s.isClosed = true
	var upload *upload
	if isBusy && isFirst {
		s.running.watcher.trigger()
		upload = s.running.upload
	}
	s.mu.Unlock()
	if upload != nil {
		upload.interrupt()
	}
	if !isBusy {
		s.free()
	}
}

// free frees the stream, if it was not freed before. No goroutine reads, and none will.
func (s *streamState) free() {
	s.mu.Lock()
	isHeld := s.isHeld
	s.isHeld = false
	s.mu.Unlock()
	if isHeld {
		C.sac_stream_free(s.pointer)
		s.running.end()
	}
}

func streamClosedError(code Code) *Error {
	return &Error{Code: code, Message: "the stream is closed", cause: ErrStreamClosed}
}
