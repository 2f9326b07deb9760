//go:build go1.23

package sac

import (
	"errors"
	"reflect"
	"testing"
)

func TestRecordsIteratesUpToTheEndOrTheError(t *testing.T) {
	t.Parallel()
	whole := begun("application/x-ndjson", "1\n2\n") + lastChunk
	server := serve(t, func(_ string, index int) (string, bool) {
		if index == 1 {
			return begun("application/x-ndjson", "1\n2\n[3"), false
		}
		return whole, true
	})
	client := newClient(t, server.URL)
	for _, code := range []error{nil, ErrClosed} {
		var records []string
		var last error
		for record, err := range mustOpen(t, client, "/").Records() {
			if last = err; err == nil {
				records = append(records, string(record.Data))
			}
		}
		if !reflect.DeepEqual(records, []string{"1", "2"}) || !errors.Is(last, code) {
			t.Errorf("%q, %v", records, last)
		}
	}
	stream := mustOpen(t, client, "/")
	for range stream.Records() {
		break
	}
	if record, err := stream.Next(); err != nil || string(record.Data) != "2" {
		t.Errorf("after a break: %s, %v", record.Data, err)
	}
}
