package sac

// #include "shim.h"
import "C"

import (
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

func flagStep(_ string, step byte, flag bool) RequestOption {
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

// deadlineStep remembers the deadline: that of a context counts if it is the earlier one.
func deadlineStep(what string, step byte, span time.Duration) RequestOption {
	return func(r *Request) error {
		ms, err := milliseconds(what, span)
		if err == nil {
			r.deadline, r.hasDeadline = ms, true
			r.numbers(step, ms)
		}
		return err
	}
}

func spanStep(what string, step byte, base, longest time.Duration) RequestOption {
	return func(r *Request) error {
		first, last, err := spanMilliseconds(what, base, longest)
		if err == nil {
			r.numbers(step, first, last)
		}
		return err
	}
}

func bytesStep(what string, step byte, bytes int64) RequestOption {
	return func(r *Request) error {
		if bytes < 0 {
			return newError(ErrInvalidArgument, what)
		}
		r.numbers(step, uint64(bytes))
		return nil
	}
}

func countStep(what string, step byte, count int) RequestOption {
	return func(r *Request) error {
		if !fitsCount(count) {
			return newError(ErrInvalidArgument, what)
		}
		r.numbers(step, uint64(count))
		return nil
	}
}

func statusesStep(what string, step byte, statuses []int) RequestOption {
	return func(r *Request) error {
		given, err := statusNumbers(what, statuses)
		if err != nil {
			return err
		}
		numbers := []uint64{uint64(len(given))}
		for _, status := range given {
			numbers = append(numbers, uint64(status))
		}
		r.numbers(step, numbers...)
		return nil
	}
}
