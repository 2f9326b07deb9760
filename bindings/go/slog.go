//go:build go1.21

package sac

import (
	"context"
	"log/slog"
)

// slogLevels are the library's levels, the most talkative first, as log/slog has them.
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

// WithLogger sets the logger that receives the log lines, with the context of the call that each is
// about; nil for none. The logger is asked now which levels it wants: what it does not want is not
// even made. It is else as [WithLogFunc].
func WithLogger(logger *slog.Logger) Option {
	if logger == nil {
		return WithLogFunc(LogError, nil)
	}
	return func(c *Client) error {
		return c.Set(WithLogFunc(wantedLevel(logger), func(ctx context.Context, level LogLevel, line string) {
			logger.Log(ctx, slogLevel(level), line)
		}))
	}
}

// wantedLevel is the most talkative level that a logger wants.
func wantedLevel(logger *slog.Logger) LogLevel {
	for _, known := range slogLevels {
		if logger.Enabled(context.Background(), known.slog) {
			return known.level
		}
	}
	return LogError
}

func slogLevel(level LogLevel) slog.Level {
	for _, known := range slogLevels {
		if known.level == level {
			return known.slog
		}
	}
	return slog.LevelError
}
