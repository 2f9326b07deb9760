//go:build go1.23

package sac

import (
	"io"
	"iter"
)

// Records iterates over the records up to the end of the stream:
//
//	for record, err := range stream.Records() {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// It yields an error at most once, as the last pair. The loop does not close the stream. It needs Go 1.23; with
// older versions, call [Stream.Next].
func (s *Stream) Records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for {
			record, err := s.Next()
			if err == io.EOF || !yield(record, err) || err != nil {
				return
			}
		}
	}
}
