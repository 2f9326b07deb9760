package sac

// #include "shim.h"
import "C"

import (
	"math"
	"strconv"
	"time"
)

// Query adds a query parameter behind those that are there; name and value are percent-encoded.
func Query(name, value string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_QUERY, ErrInvalidArgument, "the query parameter "+strconv.Quote(name), name, value)
	}
}

// Header sets a header field of this request, in place of the client's or the library's own.
func Header(name, value string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_HEADER, ErrInvalidHeader, "the header field "+strconv.Quote(name), name, value)
	}
}

// Form adds a field to the request's form (application/x-www-form-urlencoded), encoded by the
// library.
func Form(name, value string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_FORM_FIELD, ErrInvalidArgument, "the form field "+strconv.Quote(name), name, value)
	}
}

// JSON gives the request a JSON body, in place of an earlier one: a json.RawMessage is sent as it
// stands, any other value as encoding/json writes it, but without the escapes that are there for
// HTML. A []byte and an io.Reader are refused: they are for [Body].
func JSON(value any) RequestOption {
	return func(r *Request) error {
		text, err := jsonText(value)
		if err != nil {
			return err
		}
		return r.setBody(C.GOSAC_JSON, text)
	}
}

// Body gives the request a body of bytes, in place of an earlier one, with its media type, such as
// "application/octet-stream". The bytes are not copied, and are not to be changed as long as the
// request is in use.
func Body(contentType string, bytes []byte) RequestOption {
	return func(r *Request) error {
		return r.setBody(C.GOSAC_BODY, bytes, contentType)
	}
}

// IdempotencyKey names the request by a key (Idempotency-Key), by which the server recognises a
// second sending; this lets a POST or PATCH be retried where the outcome of an attempt is unknown.
func IdempotencyKey(key string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_IDEMPOTENCY_KEY, ErrInvalidHeader, "the idempotency key", key)
	}
}

// Timeout is [WithTimeout] for this request alone.
func Timeout(timeout time.Duration) RequestOption {
	return durationStep("Timeout", C.GOSAC_TIMEOUT, timeout)
}

// ConnectTimeout is [WithConnectTimeout] for this request alone.
func ConnectTimeout(timeout time.Duration) RequestOption {
	return durationStep("ConnectTimeout", C.GOSAC_CONNECT_TIMEOUT, timeout)
}

// ReadTimeout is [WithReadTimeout] for this request alone.
func ReadTimeout(timeout time.Duration) RequestOption {
	return durationStep("ReadTimeout", C.GOSAC_READ_TIMEOUT, timeout)
}

// Deadline is [WithDeadline] for this request alone.
func Deadline(deadline time.Duration) RequestOption {
	return func(r *Request) error {
		ms, err := milliseconds("Deadline", deadline)
		if err == nil {
			r.deadline, r.hasDeadline = ms, true
			r.numbers(C.GOSAC_DEADLINE, ms)
		}
		return err
	}
}

// Retries is [WithRetries] for this request alone.
func Retries(retries int) RequestOption {
	return numberStep("Retries", C.GOSAC_RETRY_ATTEMPTS, int64(retries), math.MaxUint32)
}

// Backoff is [WithBackoff] for this request alone.
func Backoff(base, longest time.Duration) RequestOption {
	return func(r *Request) error {
		baseMS, err := milliseconds("Backoff", base)
		if err != nil {
			return err
		}
		longestMS, err := milliseconds("Backoff", longest)
		if err == nil {
			r.numbers(C.GOSAC_BACKOFF, baseMS, longestMS)
		}
		return err
	}
}

// RetryStatuses is [WithRetryStatuses] for this request alone.
func RetryStatuses(statuses ...int) RequestOption {
	return func(r *Request) error {
		numbers := []uint64{uint64(len(statuses))}
		for _, status := range statuses {
			if status < 0 || status > math.MaxUint16 {
				return newError(ErrInvalidArgument, "RetryStatuses")
			}
			numbers = append(numbers, uint64(status))
		}
		r.numbers(C.GOSAC_RETRY_STATUSES, numbers...)
		return nil
	}
}

// Verify is [WithVerify] for this request alone.
func Verify(verify bool) RequestOption {
	return flagStep(C.GOSAC_VERIFY, verify)
}

// KeepAlive sets whether other requests may use the connection of this one: true unless set. false opens
// a new connection, sends "Connection: close" and closes the connection after the answer, for each
// attempt and each redirect.
func KeepAlive(keep bool) RequestOption {
	return flagStep(C.GOSAC_KEEP_ALIVE, keep)
}

// MaxBody is [WithMaxBody] for this request alone.
func MaxBody(bytes int64) RequestOption {
	return numberStep("MaxBody", C.GOSAC_MAX_BODY, bytes, math.MaxInt64)
}

// Redirects is [WithRedirects] for this request alone.
func Redirects(most int) RequestOption {
	return numberStep("Redirects", C.GOSAC_REDIRECTS, int64(most), math.MaxUint32)
}

func flagStep(step byte, flag bool) RequestOption {
	return func(r *Request) error {
		number := uint64(0)
		if flag {
			number = 1
		}
		r.numbers(step, number)
		return nil
	}
}

func durationStep(what string, step byte, span time.Duration) RequestOption {
	return func(r *Request) error {
		ms, err := milliseconds(what, span)
		if err == nil {
			r.numbers(step, ms)
		}
		return err
	}
}

func numberStep(what string, step byte, number, most int64) RequestOption {
	return func(r *Request) error {
		if number < 0 || number > most {
			return newError(ErrInvalidArgument, what)
		}
		r.numbers(step, uint64(number))
		return nil
	}
}
