package sac

// #include "shim.h"
import "C"

import (
	"strconv"
	"time"
)

// Query adds a query parameter after the existing ones. The library percent-encodes name and value.
func Query(name, value string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_QUERY, ErrInvalidArgument, "the query parameter "+strconv.Quote(name), name, value)
	}
}

// Header sets a header field of this request. It replaces the field of the client or of the library.
func Header(name, value string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_HEADER, ErrInvalidHeader, "the header field "+strconv.Quote(name), name, value)
	}
}

// Form adds a field to the request's form (application/x-www-form-urlencoded). The library encodes it.
func Form(name, value string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_FORM_FIELD, ErrInvalidArgument, "the form field "+strconv.Quote(name), name, value)
	}
}

// JSON sets a JSON body, and replaces an earlier one. A json.RawMessage is sent unchanged, any other value
// as encoding/json encodes it, but without HTML escapes. A []byte and an io.Reader are refused; use [Body]
// and [BodyReader].
func JSON(value any) RequestOption {
	return func(r *Request) error {
		text, err := jsonText(value)
		if err != nil {
			return err
		}
		return r.setBody(C.GOSAC_JSON, text)
	}
}

// Body sets a body of bytes, and replaces an earlier one. contentType is its media type, such as
// "application/octet-stream". The bytes are not copied: do not change them while the request is in use.
func Body(contentType string, bytes []byte) RequestOption {
	return func(r *Request) error {
		return r.setBody(C.GOSAC_BODY, bytes, contentType)
	}
}

// IdempotencyKey sets the header field Idempotency-Key, with which the server recognises a repeated
// request. The library may then retry a POST or PATCH if the result of an attempt is unknown.
func IdempotencyKey(key string) RequestOption {
	return func(r *Request) error {
		return r.step(C.GOSAC_IDEMPOTENCY_KEY, ErrInvalidHeader, "the idempotency key", key)
	}
}

func flagStep(_ string, step byte, flag bool) RequestOption {
	return func(r *Request) error {
		r.numbers(step, flagNumber(flag))
		return nil
	}
}

func flagNumber(flag bool) uint64 {
	if flag {
		return 1
	}
	return 0
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

// deadlineStep stores the deadline, to compare it with that of a context.
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
		first, last, err := backoffMilliseconds(what, base, longest)
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
		valid, err := statusNumbers(what, statuses)
		if err != nil {
			return err
		}
		numbers := []uint64{uint64(len(valid))}
		for _, status := range valid {
			numbers = append(numbers, uint64(status))
		}
		r.numbers(step, numbers...)
		return nil
	}
}
