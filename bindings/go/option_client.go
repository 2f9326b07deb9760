package sac

// #include "shim.h"
import "C"

import "strconv"

// WithHeader sets a header field for every request, or replaces it. The library refuses fields that frame
// a message, such as Content-Length, Transfer-Encoding and Connection. The value is UTF-8 without control
// characters.
func WithHeader(name, value string) Option {
	return textOption(ErrInvalidHeader, "the header field "+strconv.Quote(name), func(core *core, t *cStrings) C.sac_code {
		return C.sac_add_header(core.pointer, t.at(0), t.at(1))
	}, name, value)
}

// WithBasicAuth authenticates every request with a user name and a password (RFC 7617). It replaces an
// earlier Authorization. No log line and no error text contains the user name or the password.
func WithBasicAuth(username, password string) Option {
	return textOption(ErrInvalidArgument, "the basic authentication", func(core *core, t *cStrings) C.sac_code {
		return C.sac_add_basic(core.pointer, t.at(0), t.at(1))
	}, username, password)
}

// WithDigestAuth authenticates with a user name and a password if the server asks for Digest authentication
// (RFC 7616). The request is sent again after such a 401, within the same attempt; later requests need one
// round trip. It replaces an earlier Authorization. No log line and no error text contains the password.
func WithDigestAuth(username, password string) Option {
	return textOption(ErrInvalidArgument, "the digest authentication", func(core *core, t *cStrings) C.sac_code {
		return C.sac_add_digest(core.pointer, t.at(0), t.at(1))
	}, username, password)
}

// WithBearer authenticates every request with a bearer token (RFC 6750). It replaces an earlier
// Authorization. No log line and no error text contains the token.
func WithBearer(token string) Option {
	return textOption(ErrInvalidHeader, "the bearer token", func(core *core, t *cStrings) C.sac_code {
		return C.sac_add_bearer(core.pointer, t.at(0))
	}, token)
}

// WithAWSSigV4 signs every request with AWS Signature Version 4, for AWS and compatible services. Each attempt
// gets its own signature. It replaces an earlier Authorization. region is such as "us-east-1", service such
// as "s3". sessionToken is the token of temporary credentials; "" if there is none. No log line and no error
// text contains the last three.
//
// A body from a reader that cannot begin again has no hash: to S3 over https it is sent as UNSIGNED-PAYLOAD,
// and other calls end with [ErrInvalidArgument].
func WithAWSSigV4(region, service, accessKeyID, secretAccessKey, sessionToken string) Option {
	return textOption(ErrInvalidArgument, "the credentials for AWS", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_aws_sigv4(core.pointer, t.at(0), t.at(1), t.at(2), t.at(3), t.orNull(4))
	}, region, service, accessKeyID, secretAccessKey, sessionToken)
}

// WithCookie sends a cookie with every request. It replaces a cookie of the same name.
func WithCookie(name, value string) Option {
	return textOption(ErrInvalidCookie, "the cookie "+strconv.Quote(name), func(core *core, t *cStrings) C.sac_code {
		return C.sac_add_cookie(core.pointer, t.at(0), t.at(1))
	}, name, value)
}

// WithSignedCookie sends a signed cookie with every request, in the format of itsdangerous'
// TimestampSigner. It replaces a cookie of the same name. The library signs it again for each attempt,
// because servers accept a signature only for a short time. The payload is as for [CookieSign].
func WithSignedCookie(name string, payload any, keyID, key string, digest Digest) Option {
	return func(c *Client) error {
		text, err := jsonText(payload)
		if err != nil {
			return err
		}
		return c.setCStrings(ErrInvalidCookie, "the signed cookie "+strconv.Quote(name), func(core *core, t *cStrings) C.sac_code {
			return C.sac_add_signed_cookie(core.pointer, t.at(0), t.at(1), t.at(2), t.at(3), C.int32_t(digest))
		}, name, trimNUL(text), keyID, key)
	}
}

// WithLogFunc sets the function that receives the log lines of a level and of more important levels; nil,
// the default, for none. Later clones use the function too. It is kept until the client and these clones
// are closed, even after another function is set.
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

// WithRetryFunc sets the function that decides about each retry; nil, the default, for none. Later clones
// use the function too. It is kept until the client and these clones are closed, even after another
// function is set.
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

// WithJournal sets whether every call has a [Response.Journal], also if its first attempt succeeded.
// Default: false, because such a journal is seldom useful and takes time to write.
func WithJournal(every bool) Option {
	return func(c *Client) error {
		return c.withCore(func(core *core) error {
			core.mu.Lock()
			defer core.mu.Unlock()
			core.settings.journal = every
			return nil
		})
	}
}

// setCallback registers a function with the library; nil for none.
func (c *Client) setCallback(what string, function any, setter func(*core, C.uintptr_t) C.sac_code) error {
	return c.withCore(func(core *core) error {
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
		core.settings.hasCallbacks = true
		return nil
	})
}
