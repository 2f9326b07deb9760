package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"libsac/sac"
)

// A witness is what the callbacks of a case have seen.
type witness struct {
	mu         sync.Mutex
	log        strings.Builder
	retryCalls int
}

// setUp sets a client to what a case says.
func setUp(client *sac.Client, s *settings, seen *witness) error {
	if s == nil {
		return nil
	}
	if s.Reset {
		if err := client.Reset(); err != nil {
			return err
		}
	}
	if err := setPairs(client, s); err != nil {
		return err
	}
	var options []sac.Option
	options = append(options, credentials(s)...)
	options = append(options, s.options()...)
	options = append(options, callbackOptions(s, seen)...)
	return client.Set(options...)
}

func setPairs(client *sac.Client, s *settings) error {
	for _, pair := range s.Headers {
		if err := client.Set(sac.WithHeader(pair[0], pair[1])); err != nil {
			return err
		}
	}
	for _, name := range s.RemoveHeaders {
		if err := client.RemoveHeader(name); err != nil {
			return err
		}
	}
	for _, pair := range s.Cookies {
		if err := client.Set(sac.WithCookie(pair[0], pair[1])); err != nil {
			return err
		}
	}
	for _, name := range s.RemoveCookies {
		if err := client.RemoveCookie(name); err != nil {
			return err
		}
	}
	return nil
}

// option is nil where there is nothing to set.
func option[T any](given *T, with func(T) sac.Option) sac.Option {
	if given == nil {
		return func(*sac.Client) error { return nil }
	}
	return with(*given)
}

// ms: times are in milliseconds in the cases.
func ms(number int64) time.Duration {
	return time.Duration(number) * time.Millisecond
}

func credentials(s *settings) []sac.Option {
	options := []sac.Option{
		option(s.Bearer, sac.WithBearer),
		option(s.Basic, func(pair [2]string) sac.Option { return sac.WithBasicAuth(pair[0], pair[1]) }),
	}
	if cookie := s.SignedCookie; cookie != nil {
		options = append(options, sac.WithSignedCookie(cookie.Name, json.RawMessage(cookie.Payload),
			cookie.KeyID, cookie.Key, sac.Digest(cookie.Digest)))
	}
	return options
}

// tlsVersion: the cases have the numbers of C, Go those of crypto/tls.
func tlsVersion(number int) uint16 {
	switch number {
	case 12:
		return tls.VersionTLS12
	case 13:
		return tls.VersionTLS13
	}
	return uint16(number)
}

func callbackOptions(s *settings, seen *witness) []sac.Option {
	return []sac.Option{
		option(s.RetryCallback, func(allow bool) sac.Option {
			return sac.WithRetryFunc(func(context.Context, sac.Retry) bool {
				seen.mu.Lock()
				defer seen.mu.Unlock()
				seen.retryCalls++
				return allow
			})
		}),
		option(s.LogLevel, func(level int) sac.Option {
			return sac.WithLogFunc(sac.LogLevel(level), func(_ context.Context, _ sac.LogLevel, line string) {
				seen.mu.Lock()
				defer seen.mu.Unlock()
				seen.log.WriteString(line + "\n")
			})
		}),
	}
}
