package sac

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"sync"
)

// A transportBody is the body of a request of net/http. It is closed once, which a RoundTripper must always do.
type transportBody struct {
	request *http.Request
	once    sync.Once
	used    bool // the body was opened
	peeked  []byte
}

func newTransportBody(request *http.Request) *transportBody {
	return &transportBody{request: request}
}

func (b *transportBody) close() {
	b.once.Do(func() {
		if b.request.Body != nil {
			_ = b.request.Body.Close()
		}
	})
}

// source returns the source of the body; nil if there is none.
func (b *transportBody) source(method string) (*bodySource, error) {
	r := b.request
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	length := r.ContentLength
	if length <= 0 {
		length = -1
		if empty, err := b.isEmpty(method); empty || err != nil {
			return nil, err
		}
	}
	return &bodySource{length: length, canReopen: r.GetBody != nil, open: b.open, release: b.close}, nil
}

// isEmpty reads the first byte of a body of unknown length if the method usually has no body. An empty one is then
// not sent, as in net/http.
func (b *transportBody) isEmpty(method string) (bool, error) {
	switch method {
	case "GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "SEARCH":
	default:
		return false, nil
	}
	first := make([]byte, 1)
	n, err := readSome(b.request.Body, first)
	if err != nil && err != io.EOF {
		return false, &Error{Code: ErrInvalidArgument, Message: "the request's body cannot be read: " + err.Error(), cause: err}
	}
	b.peeked = first[:n]
	return n == 0, nil
}

// open returns the body of the request, and later another one from GetBody.
func (b *transportBody) open() (io.ReadCloser, error) {
	if b.used {
		return b.request.GetBody()
	}
	b.used = true
	return &firstBody{io.MultiReader(bytes.NewReader(b.peeked), b.request.Body), b}, nil
}

// A firstBody is the request's own body.
type firstBody struct {
	io.Reader
	body *transportBody
}

func (f *firstBody) Close() error {
	f.body.close()
	return nil
}

// A responseBody is the body of a response of net/http.
type responseBody struct {
	stream    *Stream
	remaining int64 // the bytes up to the end; -1 if their number is not known
}

// Read reads up to the end. If it has read the last byte, it also reads the end, which releases the connection.
func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.stream.Read(p)
	if b.remaining > 0 {
		b.remaining -= int64(n)
	}
	if b.remaining == 0 && err == nil && n > 0 {
		var none [1]byte
		_, err = b.stream.Read(none[:])
	}
	return n, httpReadError(err)
}

func (b *responseBody) Close() error {
	return b.stream.Close()
}

// httpReadError returns the error that net/http returns.
func httpReadError(err error) error {
	switch {
	case errors.Is(err, ErrStreamClosed):
		return http.ErrBodyReadAfterClose
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// A gzipBody decodes a body. The decoder is made by the first Read, because it reads.
type gzipBody struct {
	body    io.ReadCloser
	decoder *gzip.Reader
	failure error // of the decoder
}

func (b *gzipBody) Read(p []byte) (int, error) {
	if b.decoder == nil && b.failure == nil {
		b.decoder, b.failure = gzip.NewReader(b.body)
	}
	if b.failure != nil {
		return 0, b.failure
	}
	return b.decoder.Read(p)
}

func (b *gzipBody) Close() error {
	return b.body.Close()
}
