package sac

// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"io"
	"strconv"
)

// BodyFile sets a file as the body, and replaces an earlier body. contentType is its media type. The
// library opens the file when it sends the request, reads it during the transfer, and sends it again from
// the start for a retry or a redirect. If the file cannot be read or changes meanwhile, the call ends with
// [ErrFile].
func BodyFile(contentType, path string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_BODY_FILE, ErrInvalidArgument, "the file of the body", contentType, path)
	}
}

// BodyReader sets a body that is read while it is sent, and replaces an earlier one. contentType is its media
// type. length is its length in bytes; -1 if it is not known, then the body is sent in chunks.
//
// The body begins at the current position of the reader. For a retry or a redirect, the reader begins there
// again, if it is an io.Seeker; otherwise the request is not sent again. If the reader fails, or has another
// length, the server receives no complete request, the call ends with [ErrCancelled] or [ErrInvalidArgument],
// and errors.Is finds the reader's error.
//
// The goroutine that makes the call, or that reads its [Stream], calls the reader. Nothing interrupts a Read that
// waits, unless another goroutine closes what it reads from. The binding does not close the reader. Only one
// call at a time may send the request; [BodyFunc] has no such limit.
func BodyReader(contentType string, reader io.Reader, length int64) RequestOption {
	return func(r *Request) error {
		if reader == nil {
			return newError(ErrNullArgument, "the reader of BodyReader")
		}
		return r.setSource(contentType, newSharedReader(reader).source(length))
	}
}

// BodyFunc is like [BodyReader], but calls open for each attempt that sends the body, so that every retry and
// redirect begins at its start. Each reader is closed, at the latest when the call or its [Stream] ends; early if
// the context ends, also while another goroutine waits in its Read. Any number of calls may send the request at
// once.
func BodyFunc(contentType string, length int64, open func() (io.ReadCloser, error)) RequestOption {
	return func(r *Request) error {
		if open == nil {
			return newError(ErrNullArgument, "the function of BodyFunc")
		}
		return r.setSource(contentType, &bodySource{length: length, canReopen: true, open: open})
	}
}

// Part adds a part to the request's multipart form (multipart/form-data, RFC 7578). fileName is the file
// name that the server receives; "" for a plain field. contentType is the media type; "" means
// application/octet-stream for a file, and none for a plain field. The bytes are copied.
func Part(name, fileName, contentType string, bytes []byte) RequestOption {
	return func(r *Request) error {
		what := "the part " + strconv.Quote(name)
		if err := r.step(C.GOSAC_PART, ErrInvalidArgument, what, name, fileName, contentType); err != nil {
			return err
		}
		r.number(uint64(len(bytes)))
		r.script = append(r.script, bytes...)
		return nil
	}
}

// PartFile adds a file to the request's multipart form. The library opens it when it sends the request. The
// server receives the last component of the path as the file name. contentType is the media type; "" means
// application/octet-stream.
func PartFile(name, path, contentType string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_PART_FILE, ErrInvalidArgument, "the part "+strconv.Quote(name), name, path, contentType)
	}
}

// A RecordKind is how a [Stream] splits a body into records.
type RecordKind int32

// String returns the kind as a word.
func (k RecordKind) String() string {
	switch k {
	case RecordsAuto:
		return "auto"
	case RecordsEvents:
		return "events"
	case RecordsLines:
		return "lines"
	case RecordsArray:
		return "array"
	}
	return fmt.Sprintf("RecordKind(%d)", int32(k))
}

// Records sets how a [Stream] splits the body into records; [RecordsAuto] is the default. With [RecordsEvents],
// the request asks for text/event-stream, unless Accept is set.
func Records(kind RecordKind) RequestOption {
	return func(r *Request) error {
		r.numbers(C.GOSAC_RECORDS, uint64(kind))
		return nil
	}
}

// LastEventID sets the ID of the last event that the caller knows, so that the server continues after it. The
// request sends it as Last-Event-ID.
func LastEventID(id string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_LAST_EVENT_ID, ErrInvalidHeader, "the last event ID", id)
	}
}

// OutputFile writes the body of the response to a file, which appears complete or not at all. If the status
// is 300 or above, the body goes to the Response instead. A retry resumes the download, if the server
// supports that. The request no longer asks for JSON. For the maximum size, see [WithMaxBody].
func OutputFile(path string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_OUTPUT_FILE, ErrInvalidArgument, "the output file", path)
	}
}

// Output writes the body of the response to a writer, as it arrives. If the status is 300 or above, the body
// goes to the Response instead. If the writer fails, the call ends with [ErrCancelled], and errors.Is finds
// the writer's error. After the first written byte, the call is not retried. The request no longer asks for
// JSON. For the maximum size, see [WithMaxBody].
func Output(writer io.Writer) RequestOption {
	return func(r *Request) error {
		if writer == nil {
			return newError(ErrNullArgument, "the writer of Output")
		}
		r.output = writer
		return r.step(C.GOSAC_OUTPUT, ErrInvalidArgument, "")
	}
}

// Progress is the progress of the bodies of a call, in bytes. An unknown total is 0. A retry starts again
// from 0.
type Progress struct {
	Sent, ToSend        int64
	Received, ToReceive int64
}

// A ProgressFunc receives the progress of a call after each piece of a body. If it returns false, the call
// ends with [ErrCancelled]. If it panics, the call ends with [ErrInternal].
type ProgressFunc func(ctx context.Context, progress Progress) bool

// OnProgress sets a function that receives the progress of the bodies of the request and the response.
func OnProgress(progress ProgressFunc) RequestOption {
	return func(r *Request) error {
		if progress == nil {
			return newError(ErrNullArgument, "the function of OnProgress")
		}
		r.progress = progress
		return r.step(C.GOSAC_PROGRESS, ErrInvalidArgument, "")
	}
}
