//go:build go1.21

package sac

import (
	"context"
	"log/slog"
)

// slogLevels maps the library's levels to those of log/slog, the most verbose first.
var slogLevels = []struct {
	level LogLevel
	slog  slog.Level
}{
	{LogTrace, slog.LevelDebug - 4},
	{LogDebug, slog.LevelDebug},
	{LogInfo, slog.LevelInfo},
	{LogWarn, slog.LevelWarn},
	{LogError, slog.LevelError},
}

// WithLogger sets the logger that receives the log lines, each with the context of its call; nil for none.
// WithLogger asks the logger once which levels are enabled; the library does not create lines of other
// levels. Otherwise it is like [WithLogFunc].
func WithLogger(logger *slog.Logger) Option {
	if logger == nil {
		return WithLogFunc(LogError, nil)
	}
	return func(c *Client) error {
		return c.Set(WithLogFunc(minimumLevel(logger), func(ctx context.Context, level LogLevel, line string) {
			logger.Log(ctx, slogLevel(level), line)
		}))
	}
}

// minimumLevel returns the most verbose level that a logger has enabled.
func minimumLevel(logger *slog.Logger) LogLevel {
	for _, pair := range slogLevels {
		if logger.Enabled(context.Background(), pair.slog) {
			return pair.level
		}
	}
	return LogError
}

func slogLevel(level LogLevel) slog.Level {
	for _, pair := range slogLevels {
		if pair.level == level {
			return pair.slog
		}
	}
	return slog.LevelError
}
