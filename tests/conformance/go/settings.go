package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"libsac/sac"
)

// A callbackLog records the callbacks of a case.
type callbackLog struct {
	mu         sync.Mutex
	lines      strings.Builder
	retryCalls int
}

// setUp applies the settings of a case to a client.
func setUp(client *sac.Client, s *settings, log *callbackLog) error {
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
	options = append(options, callbackOptions(s, log)...)
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

// option makes an option for a value; for nil, one that does nothing.
func option[T any](value *T, with func(T) sac.Option) sac.Option {
	if value == nil {
		return func(*sac.Client) error { return nil }
	}
	return with(*value)
}

// ms converts a time of a case, which is in milliseconds.
func ms(number int64) time.Duration {
	return time.Duration(number) * time.Millisecond
}

func credentials(s *settings) []sac.Option {
	options := []sac.Option{
		option(s.Bearer, sac.WithBearer),
		option(s.Basic, func(pair [2]string) sac.Option { return sac.WithBasicAuth(pair[0], pair[1]) }),
		option(s.Digest, func(pair [2]string) sac.Option { return sac.WithDigestAuth(pair[0], pair[1]) }),
		option(s.AWSSigV4, func(texts [5]string) sac.Option {
			return sac.WithAWSSigV4(texts[0], texts[1], texts[2], texts[3], texts[4])
		}),
	}
	options = append(options,
		option(s.BearerFile, sac.WithBearerFile),
		option(s.Credentials, func(o oauth2) sac.Option {
			return sac.WithClientCredentials(o.TokenURL, o.ClientID, o.ClientSecret, o.Scope)
		}),
		option(s.RefreshToken, func(o oauth2) sac.Option {
			return sac.WithRefreshToken(o.TokenURL, o.ClientID, o.ClientSecret, o.RefreshToken)
		}))
	if len(s.Tokens) > 0 {
		options = append(options, sac.WithTokenSource(&tokenList{s.Tokens}))
	}
	if cookie := s.SignedCookie; cookie != nil {
		options = append(options, sac.WithSignedCookie(cookie.Name, json.RawMessage(cookie.Payload),
			cookie.KeyID, cookie.Key, sac.Digest(cookie.Digest)))
	}
	return options
}

// A tokenList returns one token after the other, and the last one again.
type tokenList struct{ next []string }

func (l *tokenList) Token(context.Context, sac.TokenReason) (sac.Token, error) {
	token := l.next[0]
	if len(l.next) > 1 {
		l.next = l.next[1:]
	}
	return sac.Token{Value: token}, nil
}

// tlsVersion converts a number of C, which the cases use, to that of crypto/tls.
func tlsVersion(number int) uint16 {
	switch number {
	case 12:
		return tls.VersionTLS12
	case 13:
		return tls.VersionTLS13
	}
	return uint16(number)
}

func callbackOptions(s *settings, log *callbackLog) []sac.Option {
	return []sac.Option{
		option(s.RetryCallback, func(allow bool) sac.Option {
			return sac.WithRetryFunc(func(context.Context, sac.Retry) bool {
				log.mu.Lock()
				defer log.mu.Unlock()
				log.retryCalls++
				return allow
			})
		}),
		option(s.AttemptCallback, func(allow bool) sac.Option {
			return sac.WithAttemptFunc(func(_ context.Context, request *sac.OutgoingRequest) error {
				value := fmt.Sprint(request.Number(), " ", request.Method(), " ", request.Target(), " ", request.BodySHA256())
				if !allow {
					return sac.ErrCancelled
				}
				return request.SetHeader("X-Attempt", value)
			})
		}),
		option(s.LogLevel, func(level int) sac.Option {
			return sac.WithLogFunc(sac.LogLevel(level), func(_ context.Context, _ sac.LogLevel, line string) {
				log.mu.Lock()
				defer log.mu.Unlock()
				log.lines.WriteString(line + "\n")
			})
		}),
	}
}
