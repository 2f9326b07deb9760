package sac

// #include "shim.h"
import "C"

import "strconv"

// WithHeader sets a header field for every request, or replaces it. The fields that frame a message
// (Content-Length, Transfer-Encoding, Connection and their kin) are refused. The value is UTF-8
// without control characters.
func WithHeader(name, value string) Option {
	return textOption(ErrInvalidHeader, "the header field "+strconv.Quote(name), func(core *core, t *texts) C.sac_code {
		return C.sac_add_header(core.pointer, t.at(0), t.at(1))
	}, name, value)
}

// WithBasicAuth authenticates every request with a user name and a password (RFC 7617), in place of
// what Authorization was set before. Neither appears in a log line or an error text.
func WithBasicAuth(username, password string) Option {
	return textOption(ErrInvalidArgument, "the basic authentication", func(core *core, t *texts) C.sac_code {
		return C.sac_add_basic(core.pointer, t.at(0), t.at(1))
	}, username, password)
}

// WithBearer authenticates every request with a bearer token (RFC 6750), in place of what
// Authorization was set before. The token appears in no log line and no error text.
func WithBearer(token string) Option {
	return textOption(ErrInvalidHeader, "the bearer token", func(core *core, t *texts) C.sac_code {
		return C.sac_add_bearer(core.pointer, t.at(0))
	}, token)
}

// WithCookie sends a cookie with every request, in place of one of the same name.
func WithCookie(name, value string) Option {
	return textOption(ErrInvalidCookie, "the cookie "+strconv.Quote(name), func(core *core, t *texts) C.sac_code {
		return C.sac_add_cookie(core.pointer, t.at(0), t.at(1))
	}, name, value)
}

// WithSignedCookie sends a signed cookie with every request, in place of one of the same name, in the
// format of itsdangerous' TimestampSigner. It is signed afresh for each attempt, since a signature is
// accepted for a short time only. The payload is what [CookieSign] takes.
func WithSignedCookie(name string, payload any, keyID, key string, digest Digest) Option {
	return func(c *Client) error {
		text, err := jsonText(payload)
		if err != nil {
			return err
		}
		return c.setTexts(ErrInvalidCookie, "the signed cookie "+strconv.Quote(name), func(core *core, t *texts) C.sac_code {
			return C.sac_add_signed_cookie(core.pointer, t.at(0), t.at(1), t.at(2), t.at(3), C.int32_t(digest))
		}, name, withoutNUL(text), keyID, key)
	}
}

// WithLogFunc sets who receives the log lines, of a level and graver ones; nil for nobody, as it is
// unless set. Clones made afterwards log there too. The function is kept until the client and they
// are closed, even where another one has been set since.
func WithLogFunc(level LogLevel, log LogFunc) Option {
	return func(c *Client) error {
		if log == nil {
			return c.setCallback("WithLogFunc", nil, func(core *core, _ C.uintptr_t) C.sac_code {
				return C.gosac_set_logger(core.pointer, 0, C.SAC_LOG_ERROR)
			})
		}
		return c.setCallback("WithLogFunc", log, func(core *core, handle C.uintptr_t) C.sac_code {
			return C.gosac_set_logger(core.pointer, handle, C.int32_t(level))
		})
	}
}

// WithRetryFunc sets who is told before each wait for a retry, and may forbid it; nil for nobody, as
// it is unless set. Clones made afterwards ask there too. The function is kept until the client and
// they are closed, even where another one has been set since.
func WithRetryFunc(mayRetry RetryFunc) Option {
	return func(c *Client) error {
		setter := func(core *core, handle C.uintptr_t) C.sac_code {
			return C.gosac_set_retry_callback(core.pointer, handle)
		}
		if mayRetry == nil {
			return c.setCallback("WithRetryFunc", nil, setter)
		}
		return c.setCallback("WithRetryFunc", mayRetry, setter)
	}
}

// setCallback hands a function over to the library; nil for none.
func (c *Client) setCallback(what string, function any, setter func(*core, C.uintptr_t) C.sac_code) error {
	return c.with(func(core *core) error {
		core.mu.Lock()
		defer core.mu.Unlock()
		if function == nil {
			return errorOf(setter(core, 0), what)
		}
		callback := newCallback(function)
		if err := errorOf(setter(core, C.uintptr_t(callback.handle)), what); err != nil {
			callback.release()
			return err
		}
		core.callbacks = append(core.callbacks, callback)
		core.known.observed = true
		return nil
	})
}
