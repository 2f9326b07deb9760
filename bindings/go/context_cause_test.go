//go:build go1.20

package sac

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestErrorsIsFindsTheCauseOfACancel(t *testing.T) {
	reason := errors.New("the user went away")
	check := func(when string, err error) {
		t.Helper()
		if !errors.Is(err, reason) || !errors.Is(err, context.Canceled) || !errors.Is(err, ErrCancelled) {
			t.Errorf("%s: %v", when, err)
		} else if strings.Count(err.Error(), reason.Error()) != 1 {
			t.Errorf("%s, the error does not contain the cause exactly once: %v", when, err)
		}
	}
	server, received := serveSilence(t)
	client := newClient(t, server.URL)
	ctx, cancel := context.WithCancelCause(background)
	go func() {
		<-received
		cancel(reason)
	}()
	_, err := client.Get(ctx, "/")
	check("during a call", err)
	_, err = client.Get(ctx, "/")
	check("before a call", err)
}
