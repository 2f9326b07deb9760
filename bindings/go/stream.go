package sac

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"unicode/utf8"
)

// ErrStreamClosed is the cause of the error of a read from a closed [Stream]. The error's code is
// [ErrCancelled] if Close ended the read, and [ErrInvalidArgument] if the stream was closed before.
var ErrStreamClosed = errors.New("sac: the stream is closed")

// A Stream is a response whose body is read while it arrives, as bytes or record by record: see
// [Client.Stream].
//
// Each read waits for bytes: at most for the read timeout (for events 60 seconds, if none is set), up to the
// deadline of the call, and until the context ends. The memory is limited by the longest record.
//
// One goroutine at a time may read; a read by a second one is an error. Any goroutine may call Close, which ends a
// read that waits. Close every stream, or read it to its end. If you forget, the garbage collector closes it at
// some time.
type Stream struct {
	// Head is the first response: its status, header and journal. Its Body is empty and its JSON is "{}",
	// unless the status is 300 or above: then it is complete, and nothing can be read from the stream.
	Head *Response

	owner *streamOwner
}

// streamOwner is the object that the cleanup is attached to, because a Stream can be copied.
type streamOwner struct {
	state   *streamState
	cleanup cleanup
}

// Stream makes a call with any method, and returns when the head of the response is there. Until then,
// everything is as for [Client.Do]: retries, redirects, waits and limits. After that, [Stream.Read] or
// [Stream.Next] reads the body. [WithTimeout] limits only the time up to the head. The request asks for any
// media type, unless Accept or [Records] says more.
//
// The stream is never nil. The error is nil if the call succeeded; otherwise, and also for a status of 400 or
// above, it is an [*Error], Head is the complete response, and each read returns the error.
func (c *Client) Stream(ctx context.Context, method, path string, options ...RequestOption) (*Stream, error) {
	request, err := NewRequest(method, path, options...)
	if err != nil {
		return errorStream(err)
	}
	defer wipe(request.script)
	return c.SendStream(ctx, request)
}

// SendStream sends a request, and returns when the head of the response is there: see [Client.Stream].
func (c *Client) SendStream(ctx context.Context, request *Request) (*Stream, error) {
	if request == nil {
		return errorStream(newError(ErrNullArgument, "the request"))
	}
	call := newInFlight()
	defer call.free()
	state, err := call.open(ctx, c, request)
	if err != nil {
		return errorStream(err)
	}
	head := call.goResponse()
	failure := call.failure(&state.callbacks)
	if failure != nil {
		failure.Response = head
		state.fail(failure)
		return &Stream{Head: head, owner: &streamOwner{state: state}}, failure
	}
	return newStream(head, state), nil
}

func newStream(head *Response, state *streamState) *Stream {
	owner := &streamOwner{state: state}
	owner.cleanup = addCleanup(owner, state.close)
	return &Stream{Head: head, owner: owner}
}

// errorStream makes the stream of a call that was not sent.
func errorStream(err error) (*Stream, error) {
	response, err := errorResponse(err)
	return &Stream{Head: response, owner: &streamOwner{state: &streamState{end: err}}}, err
}

// Read reads the next bytes of the body, after content decoding. It waits until there are some; at the end, it
// returns io.EOF. After a call of Next, it is an error. If the body is cut, errors.Is finds [ErrClosed] and
// io.ErrUnexpectedEOF.
func (s *Stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := s.state().read(p)
	runtime.KeepAlive(s)
	return n, err
}

// Next reads the next record: an event, a JSON text, or an element of an array, as [Records] says. After Read has
// returned bytes, it is an error, because a record would begin in the middle. It waits until
// the record is complete; at the end, it returns io.EOF. A record that is larger than [WithMaxBody] allows ends the
// stream with [ErrTooLarge].
//
// If the server interrupts an event stream that a GET has opened, the request is sent again with the ID of the
// last event (Last-Event-ID), after the delay that the server has named, or after a back-off. A regular end of the
// response is an interruption too if the server has sent an ID or a delay. The request is sent at most as often as
// [WithRetries] allows without an event in between. A response with the status 204 ends the stream.
func (s *Stream) Next() (Record, error) {
	record, err := s.state().next()
	runtime.KeepAlive(s)
	return record, err
}

// Close ends the stream, and a read by another goroutine. If the body was read to its end, the connection is kept
// for later requests; otherwise it is closed. Close may be called any number of times, and never fails.
func (s *Stream) Close() error {
	if state := s.state(); state != nil {
		state.close()
		stopCleanup(s.owner, s.owner.cleanup)
		runtime.KeepAlive(s)
	}
	return nil
}

// state returns nil for a Stream that the package did not make. Such a Stream acts like a closed one.
func (s *Stream) state() *streamState {
	if s == nil || s.owner == nil {
		return nil
	}
	return s.owner.state
}

// A Record is a part of a [Stream]: ordinary Go memory, which the next record does not change.
type Record struct {
	// Type is the type of an event that the server has named, or "message"; "" if the record is not an event.
	Type string
	// ID is the ID of the last event so far; "" for none.
	ID string
	// Data is the data of an event, which is valid UTF-8, or the text of another record as it was received.
	Data []byte
}

// JSON returns the data as well-formed JSON, repaired if necessary: see [RepairJSON]. It may share the memory of
// Data. If the data cannot be repaired, the error is [ErrNotJSON]; the stream goes on.
func (r Record) JSON() (json.RawMessage, error) {
	if json.Valid(r.Data) && utf8.Valid(r.Data) {
		return json.RawMessage(r.Data), nil
	}
	return RepairJSON(r.Data)
}

// Decode stores the JSON of the data in the value that v points to, as json.Unmarshal does: see [Record.JSON].
func (r Record) Decode(v any) error {
	text, err := r.JSON()
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}
