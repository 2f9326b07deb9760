package sac

// #include "shim.h"
import "C"

import (
	"crypto/tls"
	"fmt"
	"math"
	"time"
)

// An Option sets something on a client: see [New], [Client.Clone] and [Client.Set]. A function that
// applies several is one too:
//
//	func Standard(c *sac.Client) error {
//		return c.Set(sac.WithTimeout(5*time.Second), sac.WithRetries(3))
//	}
type Option func(*Client) error

// WithTimeout sets the time that one attempt may take, from name look-up to the last byte, redirects
// included: 30 s unless set; 0 for no limit, which an endless answer needs. Times are in whole
// milliseconds, parts of one counting as one.
func WithTimeout(timeout time.Duration) Option {
	return durationOption("WithTimeout", timeout, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_timeout_ms(core.pointer, ms)
	})
}

// WithConnectTimeout sets the time that name look-up, connect and TLS handshake may take together:
// 10 s unless set; 0 for no limit of its own.
func WithConnectTimeout(timeout time.Duration) Option {
	return durationOption("WithConnectTimeout", timeout, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_connect_timeout_ms(core.pointer, ms)
	})
}

// WithReadTimeout sets the longest silence of the server that is waited out: no limit of its own
// unless set, or 0.
func WithReadTimeout(timeout time.Duration) Option {
	return durationOption("WithReadTimeout", timeout, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_read_timeout_ms(core.pointer, ms)
	})
}

// WithDeadline sets the time that a whole call may take, retries and waits included: no limit unless
// set, or 0. A wait that would outlast it is not begun. Where a context has a deadline as well, the
// earlier one counts.
func WithDeadline(deadline time.Duration) Option {
	return durationOption("WithDeadline", deadline, func(core *core, ms C.uint64_t) C.sac_code {
		core.mu.Lock()
		defer core.mu.Unlock()
		core.known.deadline = uint64(ms)
		return C.sac_set_deadline_ms(core.pointer, ms)
	})
}

// WithMaxBody sets the largest body that is accepted, in bytes after content coding is undone; a
// larger one ends the call with [ErrTooLarge]. 0 for no limit. Unless set, 256 MiB in memory; a body
// for a file or a writer has no limit, but one with a content coding may become at most 256 MiB, or
// 1000 times the bytes that came if that is more.
func WithMaxBody(bytes int64) Option {
	return numberOption("WithMaxBody", bytes, math.MaxInt64, func(core *core, bytes C.uint64_t) C.sac_code {
		return C.sac_set_max_body_bytes(core.pointer, bytes)
	})
}

// WithRedirects sets how many redirects are followed: 10 unless set; one more ends the call with
// [ErrRedirect]. 0 answers with the 3xx itself.
func WithRedirects(most int) Option {
	return numberOption("WithRedirects", int64(most), math.MaxUint32, func(core *core, most C.uint64_t) C.sac_code {
		return C.sac_set_redirects(core.pointer, C.uint32_t(most))
	})
}

// WithUserAgent sets what the User-Agent field says; "" for the default, "libsac/" and the version.
func WithUserAgent(value string) Option {
	return textOption(ErrInvalidHeader, "the User-Agent", func(core *core, t *texts) C.sac_code {
		if value == "" {
			return C.sac_set_user_agent(core.pointer, nil)
		}
		return C.sac_set_user_agent(core.pointer, t.at(0))
	}, value)
}

// WithRetries sets how many attempts may follow the first one: none unless set. Retried is what may
// be sent twice without harm: what was never sent, what the server has turned away (429, a 403 that is a
// rate limit, 503 with Retry-After), and idempotent requests, as which any request with an
// [IdempotencyKey] counts.
func WithRetries(retries int) Option {
	return numberOption("WithRetries", int64(retries), math.MaxUint32, func(core *core, retries C.uint64_t) C.sac_code {
		return C.sac_set_retry_attempts(core.pointer, C.uint32_t(retries))
	})
}

// WithBackoff sets how long is waited before a retry where the server names no delay: a random part
// of a span that begins with base and doubles up to longest. 100 ms and 20 s unless set.
func WithBackoff(base, longest time.Duration) Option {
	return func(c *Client) error {
		baseMS, err := milliseconds("WithBackoff", base)
		if err != nil {
			return err
		}
		longestMS, err := milliseconds("WithBackoff", longest)
		if err != nil {
			return err
		}
		return c.set("WithBackoff", func(core *core) C.sac_code {
			return C.sac_set_backoff_ms(core.pointer, C.uint64_t(baseMS), C.uint64_t(longestMS))
		})
	}
}

// WithRetryStatuses sets the statuses that are worth another try, in place of 429, 500, 502, 503 and
// 504.
func WithRetryStatuses(statuses ...int) Option {
	return func(c *Client) error {
		numbers, err := statusNumbers("WithRetryStatuses", statuses)
		if err != nil {
			return err
		}
		return c.set("WithRetryStatuses", func(core *core) C.sac_code {
			if len(numbers) == 0 {
				return C.sac_set_retry_statuses(core.pointer, nil, 0)
			}
			return C.sac_set_retry_statuses(core.pointer, &numbers[0], C.size_t(len(numbers)))
		})
	}
}

// WithRetryAfterMax sets the longest delay of a server (Retry-After and its kin) that is waited for:
// 120 s unless set. A longer one is neither waited for nor cut short: the call ends at once with the
// answer.
func WithRetryAfterMax(longest time.Duration) Option {
	return durationOption("WithRetryAfterMax", longest, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_retry_after_max_ms(core.pointer, ms)
	})
}

// WithRateLimit limits the requests of this client and all its clones together: so many in so much
// time, burst of them at once after a pause, the rest evenly; a burst of 1 spaces all evenly. Calls
// wait for their turn; one whose wait would outlast its deadline ends with [ErrRateLimited]. 0
// requests for no limit, as it is unless set.
func WithRateLimit(requests int, per time.Duration, burst int) Option {
	return func(c *Client) error {
		perMS, err := milliseconds("WithRateLimit", per)
		if err != nil {
			return err
		}
		if requests < 0 || burst < 0 || int64(requests) > math.MaxUint32 || int64(burst) > math.MaxUint32 {
			return newError(ErrInvalidArgument, "WithRateLimit")
		}
		return c.set("WithRateLimit", func(core *core) C.sac_code {
			return C.sac_set_rate_limit(core.pointer, C.uint32_t(requests), C.uint64_t(perMS), C.uint32_t(burst))
		})
	}
}

// WithVerify sets whether the server's certificate is verified: true unless set; false accepts any
// certificate, and with it anyone on the way.
func WithVerify(verify bool) Option {
	return func(c *Client) error {
		return c.set("WithVerify", func(core *core) C.sac_code {
			return C.sac_set_verify(core.pointer, C.bool(verify))
		})
	}
}

// WithCAFile sets the certificate authorities that are trusted, in place of the system's, from a file
// of PEM certificates, which is read now.
func WithCAFile(path string) Option {
	return textOption(ErrInvalidArgument, fmt.Sprintf("the file %q", path), func(core *core, t *texts) C.sac_code {
		return C.sac_set_ca_file(core.pointer, t.at(0))
	}, path)
}

// WithCAPEM sets the certificate authorities that are trusted, in place of the system's, from PEM
// certificates in memory. A server's certificate may be given itself, self-signed or not.
func WithCAPEM(pem []byte) Option {
	return textOption(ErrCertificate, "the certificates of WithCAPEM", func(core *core, t *texts) C.sac_code {
		return C.sac_set_ca_pem(core.pointer, t.at(0))
	}, string(pem))
}

// WithMinTLS sets the oldest TLS version that is accepted: tls.VersionTLS12, as it is unless set, or
// tls.VersionTLS13.
func WithMinTLS(version uint16) Option {
	return func(c *Client) error {
		var number C.int32_t
		switch version {
		case tls.VersionTLS12:
			number = C.SAC_TLS_1_2
		case tls.VersionTLS13:
			number = C.SAC_TLS_1_3
		}
		return c.set("WithMinTLS", func(core *core) C.sac_code {
			return C.sac_set_min_tls(core.pointer, number)
		})
	}
}

func durationOption(what string, span time.Duration, setter func(*core, C.uint64_t) C.sac_code) Option {
	return func(c *Client) error {
		ms, err := milliseconds(what, span)
		if err != nil {
			return err
		}
		return c.set(what, func(core *core) C.sac_code { return setter(core, C.uint64_t(ms)) })
	}
}

func numberOption(what string, number int64, most int64, setter func(*core, C.uint64_t) C.sac_code) Option {
	return func(c *Client) error {
		if number < 0 || number > most {
			return newError(ErrInvalidArgument, what)
		}
		return c.set(what, func(core *core) C.sac_code { return setter(core, C.uint64_t(number)) })
	}
}

func textOption(notText Code, what string, setter func(*core, *texts) C.sac_code, values ...string) Option {
	return func(c *Client) error {
		return c.setTexts(notText, what, setter, values...)
	}
}

// milliseconds rounds up: 0 means no limit, which a short time is not.
func milliseconds(what string, span time.Duration) (uint64, error) {
	if span < 0 {
		return 0, newError(ErrInvalidArgument, what+": the time is negative")
	}
	ms := uint64(span / time.Millisecond)
	if span%time.Millisecond != 0 {
		ms++
	}
	return ms, nil
}

func statusNumbers(what string, statuses []int) ([]C.uint16_t, error) {
	numbers := make([]C.uint16_t, 0, len(statuses))
	for _, status := range statuses {
		if status < 0 || status > math.MaxUint16 {
			return nil, newError(ErrInvalidArgument, what)
		}
		numbers = append(numbers, C.uint16_t(status))
	}
	return numbers, nil
}
