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
	options = append(options, plainOptions(s)...)
	options = append(options, compoundOptions(s)...)
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

func ms(with func(time.Duration) sac.Option) func(int64) sac.Option {
	return func(number int64) sac.Option { return with(time.Duration(number) * time.Millisecond) }
}

func plainOptions(s *settings) []sac.Option {
	return []sac.Option{
		option(s.Bearer, sac.WithBearer),
		option(s.UserAgent, sac.WithUserAgent),
		option(s.CAPEM, func(pem string) sac.Option { return sac.WithCAPEM([]byte(pem)) }),
		option(s.CAFile, sac.WithCAFile),
		option(s.Redirects, sac.WithRedirects),
		option(s.RetryAttempts, sac.WithRetries),
		option(s.TimeoutMS, ms(sac.WithTimeout)),
		option(s.ConnectMS, ms(sac.WithConnectTimeout)),
		option(s.ReadMS, ms(sac.WithReadTimeout)),
		option(s.DeadlineMS, ms(sac.WithDeadline)),
		option(s.MaxBodyBytes, sac.WithMaxBody),
		option(s.RetryAfterMaxMS, ms(sac.WithRetryAfterMax)),
		option(s.MaxAgeMS, ms(sac.WithConnectionMaxAge)),
	}
}

func compoundOptions(s *settings) []sac.Option {
	options := []sac.Option{
		option(s.Basic, func(pair [2]string) sac.Option { return sac.WithBasicAuth(pair[0], pair[1]) }),
	}
	if cookie := s.SignedCookie; cookie != nil {
		options = append(options, sac.WithSignedCookie(cookie.Name, json.RawMessage(cookie.Payload),
			cookie.KeyID, cookie.Key, sac.Digest(cookie.Digest)))
	}
	return append(options,
		option(s.BackoffMS, func(span [2]int64) sac.Option {
			return sac.WithBackoff(time.Duration(span[0])*time.Millisecond, time.Duration(span[1])*time.Millisecond)
		}),
		option(s.RetryStatuses, func(statuses []int) sac.Option { return sac.WithRetryStatuses(statuses...) }),
		option(s.RateLimit, func(limit [3]int64) sac.Option {
			return sac.WithRateLimit(int(limit[0]), time.Duration(limit[1])*time.Millisecond, int(limit[2]))
		}),
		option(s.Verify, sac.WithVerify),
		option(s.MinTLS, minTLS))
}

// minTLS: the cases have the numbers of C, Go those of crypto/tls.
func minTLS(number int) sac.Option {
	switch number {
	case 12:
		return sac.WithMinTLS(tls.VersionTLS12)
	case 13:
		return sac.WithMinTLS(tls.VersionTLS13)
	}
	return sac.WithMinTLS(uint16(number))
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
