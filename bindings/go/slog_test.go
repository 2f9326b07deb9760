//go:build go1.21

package sac

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

// contextHandler adds the value in the context to each record.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	record.AddAttrs(slog.Any("of", ctx.Value(contextKey{})))
	return h.Handler.Handle(ctx, record)
}

func TestSlogReceivesLinesWithLevelAndContext(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""), jsonReply("{}"))
	var out bytes.Buffer
	logger := slog.New(contextHandler{slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})})
	client := newClient(t, server.URL, WithLogger(logger), WithRetries(1))
	if _, err := client.Get(context.WithValue(background, contextKey{}, "trace-1"), "/x"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"level=WARN", "level=INFO", "level=DEBUG", "of=trace-1", "GET http://"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log has no %q:\n%s", want, out.String())
		}
	}
}

func TestTheLogLevelIsTheLoggersLevel(t *testing.T) {
	for _, test := range []struct {
		slog slog.Level
		ours LogLevel
	}{
		{slog.LevelDebug - 4, LogTrace}, {slog.LevelDebug, LogDebug}, {slog.LevelInfo, LogInfo},
		{slog.LevelWarn, LogWarn}, {slog.LevelError, LogError}, {slog.LevelError + 4, LogError},
	} {
		handler := slog.NewTextHandler(&bytes.Buffer{}, &slog.HandlerOptions{Level: test.slog})
		if level := minimumLevel(slog.New(handler)); level != test.ours {
			t.Errorf("%v: %v, want %v", test.slog, level, test.ours)
		}
		if test.slog <= slog.LevelError && test.slog >= slog.LevelDebug-4 && slogLevel(test.ours) != test.slog {
			t.Errorf("%v becomes %v", test.ours, slogLevel(test.ours))
		}
	}
	client := newClient(t, "http://127.0.0.1:1", WithLogger(slog.Default()))
	if err := client.Set(WithLogger(nil)); err != nil {
		t.Error(err)
	}
}
