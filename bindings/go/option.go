package sac

// #include "shim.h"
import "C"

import (
	"crypto/tls"
	"math"
	"time"
)

// An Option changes a setting of a client: see [New], [Client.Clone] and [Client.Set]. A function that
// applies several options is an Option too:
//
//	func Standard(c *sac.Client) error {
//		return c.Set(sac.WithTimeout(5*time.Second), sac.WithRetries(3))
//	}
type Option func(*Client) error

func durationOption(what string, span time.Duration, setter func(*core, C.uint64_t) C.sac_code) Option {
	return func(c *Client) error {
		ms, err := milliseconds(what, span)
		if err != nil {
			return err
		}
		return c.set(what, func(core *core) C.sac_code { return setter(core, C.uint64_t(ms)) })
	}
}

// deadlineOption stores the deadline, to compare it with that of a context.
func deadlineOption(what string, span time.Duration, setter func(*core, C.uint64_t) C.sac_code) Option {
	return durationOption(what, span, func(core *core, ms C.uint64_t) C.sac_code {
		core.mu.Lock()
		defer core.mu.Unlock()
		core.settings.deadline = uint64(ms)
		return setter(core, ms)
	})
}

func spanOption(what string, base, longest time.Duration, setter func(*core, C.uint64_t, C.uint64_t) C.sac_code) Option {
	return func(c *Client) error {
		first, last, err := backoffMilliseconds(what, base, longest)
		if err != nil {
			return err
		}
		return c.set(what, func(core *core) C.sac_code { return setter(core, C.uint64_t(first), C.uint64_t(last)) })
	}
}

func bytesOption(what string, bytes int64, setter func(*core, C.uint64_t) C.sac_code) Option {
	return func(c *Client) error {
		if bytes < 0 {
			return newError(ErrInvalidArgument, what)
		}
		return c.set(what, func(core *core) C.sac_code { return setter(core, C.uint64_t(bytes)) })
	}
}

func countOption(what string, count int, setter func(*core, C.uint32_t) C.sac_code) Option {
	return func(c *Client) error {
		if !fitsCount(count) {
			return newError(ErrInvalidArgument, what)
		}
		return c.set(what, func(core *core) C.sac_code { return setter(core, C.uint32_t(count)) })
	}
}

func flagOption(what string, flag bool, setter func(*core, C.bool) C.sac_code) Option {
	return func(c *Client) error {
		return c.set(what, func(core *core) C.sac_code { return setter(core, C.bool(flag)) })
	}
}

func statusesOption(what string, statuses []int, setter func(*core, *C.uint16_t, C.size_t) C.sac_code) Option {
	return func(c *Client) error {
		numbers, err := statusNumbers(what, statuses)
		if err != nil {
			return err
		}
		return c.set(what, func(core *core) C.sac_code {
			if len(numbers) == 0 {
				return setter(core, nil, 0)
			}
			return setter(core, &numbers[0], C.size_t(len(numbers)))
		})
	}
}

func rateOption(what string, requests int, per time.Duration, burst int,
	setter func(*core, C.uint32_t, C.uint64_t, C.uint32_t) C.sac_code) Option {
	return func(c *Client) error {
		ms, err := milliseconds(what, per)
		if err != nil {
			return err
		}
		if !fitsCount(requests) || !fitsCount(burst) {
			return newError(ErrInvalidArgument, what)
		}
		return c.set(what, func(core *core) C.sac_code {
			return setter(core, C.uint32_t(requests), C.uint64_t(ms), C.uint32_t(burst))
		})
	}
}

// tlsOption converts the numbers of crypto/tls. The library refuses 0.
func tlsOption(what string, version uint16, setter func(*core, C.int32_t) C.sac_code) Option {
	return func(c *Client) error {
		var number C.int32_t
		switch version {
		case tls.VersionTLS12:
			number = C.SAC_TLS_1_2
		case tls.VersionTLS13:
			number = C.SAC_TLS_1_3
		}
		return c.set(what, func(core *core) C.sac_code { return setter(core, number) })
	}
}

func textOption(invalidCode Code, what string, setter func(*core, *cStrings) C.sac_code, values ...string) Option {
	return func(c *Client) error {
		return c.setCStrings(invalidCode, what, setter, values...)
	}
}

// milliseconds rounds up, so that a short time does not become 0, which means no limit.
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

func backoffMilliseconds(what string, base, longest time.Duration) (first, last uint64, err error) {
	if first, err = milliseconds(what, base); err == nil {
		last, err = milliseconds(what, longest)
	}
	return first, last, err
}

func fitsCount(count int) bool {
	return count >= 0 && int64(count) <= math.MaxUint32
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
