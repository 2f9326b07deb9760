package sac

import (
	"errors"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
)

// A bodySource is where the body of a request comes from, if it is read while it is sent.
type bodySource struct {
	length    int64                         // in bytes; -1 if it is not known
	canReopen bool                          // open may be called again
	open      func() (io.ReadCloser, error) // opens the body at its start
	acquire   func() error                  // before a call; nil if any number of calls may use the source at once
	release   func()                        // after a call; may be nil
}

// An upload sends the body of a source in one call.
type upload struct {
	source *bodySource
	// opened and ended belong to the goroutine of the call, and to the attempt: whether the body was opened, and
	// whether it was read to its end.
	opened, ended bool
	remaining     int64 // the bytes up to the end, if the length is known
	failure       error // for the next read

	mu          sync.Mutex
	reader      io.ReadCloser // nil if it is closed
	interrupted bool
}

func (s *bodySource) newUpload() (*upload, error) {
	if s.acquire != nil {
		if err := s.acquire(); err != nil {
			return nil, err
		}
	}
	return &upload{source: s}, nil
}

// read reads the next bytes of the body; 0 is the end.
func (u *upload) read(buffer []byte) (int, error) {
	if !u.opened {
		if err := u.open(); err != nil {
			return 0, err
		}
	}
	if u.failure != nil || u.ended {
		return 0, u.failure
	}
	reader := u.current()
	if reader == nil {
		return 0, errCallEnded
	}
	n, err := u.readFrom(reader, buffer)
	u.remaining -= int64(n)
	switch {
	case err == io.EOF || (u.source.length >= 0 && u.remaining == 0):
		u.ended = true
		u.close()
	case err != nil && n > 0:
		u.failure = err
	case err != nil:
		return 0, err
	}
	return n, nil
}

var errCallEnded = errors.New("the call has ended")

// readFrom reads at least one byte, or returns an error. It refuses a body that is longer than its length.
func (u *upload) readFrom(reader io.Reader, buffer []byte) (int, error) {
	if u.source.length < 0 || int64(len(buffer)) < u.remaining {
		return readSome(reader, buffer)
	}
	// The last bytes. Room for one more shows a longer body, without another read, which could wait.
	last := make([]byte, u.remaining+1)
	n, err := readSome(reader, last)
	if int64(n) > u.remaining {
		return 0, errors.New("the body is longer than its length of " + strconv.FormatInt(u.source.length, 10) + " bytes")
	}
	return copy(buffer, last[:n]), err
}

// readSome is like Read, but never returns 0 bytes without an error.
func readSome(reader io.Reader, buffer []byte) (int, error) {
	for i := 0; i < 100; i++ {
		n, err := reader.Read(buffer)
		if n < 0 || n > len(buffer) {
			return 0, errors.New("the Read of the body returned an invalid number")
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// rewind begins again, for the next attempt.
func (u *upload) rewind() error {
	u.close()
	return u.open()
}

func (u *upload) open() error {
	reader, err := u.source.open()
	if err != nil {
		return err
	}
	u.opened, u.ended, u.failure, u.remaining = true, false, nil, u.source.length
	u.mu.Lock()
	u.reader = reader
	interrupted := u.interrupted
	u.mu.Unlock()
	if interrupted {
		u.close()
	}
	return nil
}

func (u *upload) current() io.ReadCloser {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.reader
}

// close closes the body. If a goroutine waits in its Read, closing usually ends that.
func (u *upload) close() {
	u.mu.Lock()
	reader := u.reader
	u.reader = nil
	u.mu.Unlock()
	if reader != nil {
		_ = reader.Close()
	}
}

// interrupt closes the body, because the call must end. Any goroutine may call it.
func (u *upload) interrupt() {
	u.mu.Lock()
	u.interrupted = true
	u.mu.Unlock()
	u.close()
}

// end ends the upload when its call has ended.
func (u *upload) end() {
	u.close()
	if u.source.release != nil {
		u.source.release()
	}
}

// A sharedReader is the reader of one body for all calls with a request.
type sharedReader struct {
	reader io.Reader
	seeker io.Seeker // nil if the reader cannot begin again
	start  int64     // where the body begins
	inUse  atomic.Bool
	used   bool
}

func newSharedReader(reader io.Reader) *sharedReader {
	s := &sharedReader{reader: reader}
	if seeker, ok := reader.(io.Seeker); ok {
		if start, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			s.seeker, s.start = seeker, start
		}
	}
	return s
}

func (s *sharedReader) source(length int64) *bodySource {
	return &bodySource{length: length, canReopen: s.seeker != nil, open: s.open, acquire: s.acquire,
		release: func() { s.inUse.Store(false) }}
}

func (s *sharedReader) acquire() error {
	if !s.inUse.CompareAndSwap(false, true) {
		return inputError(ErrInvalidArgument, "another call reads the body of the request: use BodyFunc")
	}
	return nil
}

func (s *sharedReader) open() (io.ReadCloser, error) {
	if s.used {
		if s.seeker == nil {
			return nil, errors.New("the reader of the body was read before, and cannot begin again: use BodyFunc")
		}
		if _, err := s.seeker.Seek(s.start, io.SeekStart); err != nil {
			return nil, err
		}
	}
	s.used = true
	return io.NopCloser(s.reader), nil
}
