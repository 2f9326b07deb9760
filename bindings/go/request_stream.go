package sac

// #include "shim.h"
import "C"

import (
	"context"
	"io"
	"strconv"
)

// BodyFile gives the request a file as its body, in place of an earlier one, with its media type. It
// is opened when the request is sent, read while it is sent, and sent again from its start where a
// retry or a redirect needs that. A file that cannot be read, or that changes meanwhile, ends the call
// with [ErrFile].
func BodyFile(contentType, path string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_BODY_FILE, ErrInvalidArgument, "the file of the body", contentType, path)
	}
}

// Part adds a part to the request's form with files (multipart/form-data, RFC 7578). fileName is the
// name that the server is told where the part is a file, "" for a plain field. contentType is its
// media type; "" for application/octet-stream where there is a file name, and for none where there is
// not. The bytes are copied.
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

// PartFile adds a file to the request's form with files, opened when the request is sent. The server
// is told the last component of its path as its name. contentType is its media type, "" for
// application/octet-stream.
func PartFile(name, path, contentType string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_PART_FILE, ErrInvalidArgument, "the part "+strconv.Quote(name), name, path, contentType)
	}
}

// OutputFile lets the body of the answer go to a file, which appears whole or not at all. The bytes of
// an answer of 300 and above go to the response instead. A retry goes on where the download broke, if
// the server lets it. The request no longer asks for JSON. For how large the body may be, see [WithMaxBody].
func OutputFile(path string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_OUTPUT_FILE, ErrInvalidArgument, "the output file", path)
	}
}

// Output lets the body of the answer go to a writer, piece by piece as it comes. The bytes of an
// answer of 300 and above go to the response instead. Where the writer fails, the call ends with
// [ErrCancelled], and errors.Is finds the writer's error; the call is not retried once a byte was
// written. The request no longer asks for JSON. For how large the body may be, see [WithMaxBody].
func Output(writer io.Writer) RequestOption {
	return func(r *Request) error {
		if writer == nil {
			return newError(ErrNullArgument, "the writer of Output")
		}
		r.output = writer
		return r.step(C.GOSAC_OUTPUT, ErrInvalidArgument, "")
	}
}

// Progress is how far the bodies of a call have come, in bytes; a total that is not known is 0. A
// retry begins anew.
type Progress struct {
	Sent, ToSend        int64
	Received, ToReceive int64
}

// A ProgressFunc is told how far a call has come, after each piece, and says whether it may go on;
// after false the call ends with [ErrCancelled]. Where it panics, the call ends with [ErrInternal].
type ProgressFunc func(ctx context.Context, progress Progress) bool

// OnProgress lets a function know how far the bodies of request and answer have come.
func OnProgress(progress ProgressFunc) RequestOption {
	return func(r *Request) error {
		if progress == nil {
			return newError(ErrNullArgument, "the function of OnProgress")
		}
		r.progress = progress
		return r.step(C.GOSAC_PROGRESS, ErrInvalidArgument, "")
	}
}
