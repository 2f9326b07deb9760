package sac

// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/cgo"
	"time"
	"unsafe"
)

// A TokenReason is the reason why a client needs a token.
type TokenReason int32

// String returns the reason as a word.
func (r TokenReason) String() string {
	switch r {
	case TokenNeeded:
		return "needed"
	case TokenExpiring:
		return "expiring"
	case TokenRefused:
		return "refused"
	}
	return fmt.Sprintf("TokenReason(%d)", int32(r))
}

// A Token is a bearer token (RFC 6750). Its String, GoString and MarshalText, and with them fmt, log/slog and
// encoding/json, show no part of it.
type Token struct {
	// Value is the token itself.
	Value string
	// ExpiresIn is how long it may be used from now on; 0 if that is unknown.
	ExpiresIn time.Duration
}

// hidden is the text of every token.
const hidden = "[redacted]"

// String returns a text without the token.
func (t Token) String() string { return hidden }

// GoString returns a text without the token.
func (t Token) GoString() string { return "sac.Token{" + hidden + "}" }

// Format writes a text without the token, for every verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText returns a text without the token.
func (t Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// A TokenSource fetches the tokens of a client: see [WithTokenSource].
type TokenSource interface {
	// Token returns a token for requests. ctx is the context of a call that needs the token; only Token
	// itself can end at its deadline. The error is that of the call, which wraps it, with [ErrToken].
	Token(ctx context.Context, reason TokenReason) (Token, error)
}

// A TokenFunc is a function that is a [TokenSource].
type TokenFunc func(ctx context.Context, reason TokenReason) (Token, error)

// Token calls the function.
func (f TokenFunc) Token(ctx context.Context, reason TokenReason) (Token, error) {
	return f(ctx, reason)
}

// A SavedToken is what a token server has issued. Its String, GoString and MarshalText show no part of it.
type SavedToken struct {
	// Access is the token for requests.
	Access Token
	// Refresh is the new refresh token; "" if the server has issued none.
	Refresh string
}

// String returns a text without the tokens.
func (t SavedToken) String() string { return hidden }

// GoString returns a text without the tokens.
func (t SavedToken) GoString() string { return "sac.SavedToken{" + hidden + "}" }

// Format writes a text without the tokens, for every verb.
func (t SavedToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText returns a text without the tokens.
func (t SavedToken) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// A TokenSavedFunc receives the tokens that a token server has issued, for example to save a new refresh
// token. ctx is the context of the call that needed the token. If it panics, the call ends with [ErrInternal],
// but the token is used.
type TokenSavedFunc func(ctx context.Context, token SavedToken)

// WithTokenSource authenticates every request with bearer tokens of a source; nil for none. They replace an
// earlier Authorization or source. Later clones use the source too, and share its token.
//
// The source is asked when a call needs a token, two minutes before a token expires (in the last tenth of a
// life of less than 20 minutes), and when the server refuses a token with a 401; then the request is sent once
// more, if its body can be sent again. One goroutine asks at a time; other calls use the old token, or wait
// within their own context. If the source fails, calls continue with the old token until it expires. Without
// a token they end with [ErrToken]. The source is not asked again for 30 seconds after a failure.
//
// The source may make calls. A call that needs this token ends with [ErrToken], so it uses another client, or
// a request with its own Authorization. If the source panics, the call ends with [ErrInternal]. The source is
// kept until the client and its clones are closed, even after another source is set.
func WithTokenSource(source TokenSource) Option {
	return func(c *Client) error {
		setter := func(core *core, handle C.uintptr_t) C.sac_code {
			return C.gosac_set_token_callback(core.pointer, handle)
		}
		if source == nil {
			return c.setCallback("WithTokenSource", nil, setter)
		}
		return c.setCallback("WithTokenSource", source, setter)
	}
}

// WithBearerFile authenticates every request with the bearer token in a file, such as the tokens that
// Kubernetes and Vault write. It replaces an earlier Authorization or source. The file is read again when its
// size or its time of change differ, and after a 401. If it is missing or contains no token, the last good one
// is used; without one, calls end with [ErrToken].
func WithBearerFile(path string) Option {
	return textOption(ErrInvalidArgument, "the token file", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_bearer_file(core.pointer, t.at(0))
	}, path)
}

// WithClientCredentials authenticates every request with tokens that a token server issues for the
// credentials of the client (OAuth 2.0, RFC 6749 section 4.4). They replace an earlier Authorization or source,
// and are requested at the times that [WithTokenSource] describes, with the settings of the client, but none
// of its header fields and cookies. scope: words separated by spaces; "" for the default of the server.
// If the server refuses, calls end with [ErrToken] and the words of the server. No log line and no error text
// contains the secret.
func WithClientCredentials(tokenURL, clientID, clientSecret, scope string) Option {
	return textOption(ErrInvalidArgument, "the client credentials", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_oauth2_client_credentials(core.pointer, t.at(0), t.at(1), t.at(2), t.orNull(3))
	}, tokenURL, clientID, clientSecret, scope)
}

// WithRefreshToken authenticates every request with tokens that a token server issues for a refresh token
// (OAuth 2.0, RFC 6749 section 6). It works like [WithClientCredentials]. clientSecret: "" for a public client.
// If the server replaces the refresh token, the new one is used from then on, and the function of
// [WithTokenSavedFunc] receives it.
func WithRefreshToken(tokenURL, clientID, clientSecret, refreshToken string) Option {
	return textOption(ErrInvalidArgument, "the refresh token", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_oauth2_refresh_token(core.pointer, t.at(0), t.at(1), t.orNull(2), t.at(3))
	}, tokenURL, clientID, clientSecret, refreshToken)
}

// WithTokenSavedFunc sets the function that receives the tokens that a token server has issued; nil, the
// default, for none. Later clones use the function too. It is kept until the client and these clones are
// closed, even after another function is set.
func WithTokenSavedFunc(save TokenSavedFunc) Option {
	return func(c *Client) error {
		setter := func(core *core, handle C.uintptr_t) C.sac_code {
			return C.gosac_set_token_saved_callback(core.pointer, handle)
		}
		if save == nil {
			return c.setCallback("WithTokenSavedFunc", nil, setter)
		}
		return c.setCallback("WithTokenSavedFunc", save, setter)
	}
}

//export goSacToken
func goSacToken(function, handle C.uintptr_t, reason C.int32_t, token *C.sac_token) C.sac_code {
	call, code := callbackContextOf(handle), Code(C.SAC_ERR_TOKEN)
	call.recoverPanic("the TokenSource", func() bool {
		source := cgo.Handle(function).Value().(TokenSource)
		value, err := source.Token(call.ctx, TokenReason(reason))
		if err == nil {
			err = setToken(token, value)
		}
		if err != nil {
			call.tokenErr = fmt.Errorf("the TokenSource failed: %w", err)
			var inner *Error
			switch {
			case call.ctx.Err() != nil && errors.Is(err, call.ctx.Err()):
				// Another call has time for it.
				code = ErrCancelled
			case errors.As(err, &inner):
				code = inner.Code
			}
			return false
		}
		call.tokenErr, code = nil, OK
		return true
	})
	return C.sac_code(code)
}

func setToken(token *C.sac_token, value Token) error {
	ms, err := milliseconds("Token.ExpiresIn", value.ExpiresIn)
	if err != nil {
		return err
	}
	texts, err := newCStrings(ErrInvalidHeader, "the token", value.Value)
	if err != nil {
		return err
	}
	defer texts.wipe()
	return errorOf(C.sac_token_set(token, texts.at(0), C.uint64_t(ms)), "the token")
}

//export goSacTokenSaved
func goSacTokenSaved(function, handle C.uintptr_t, access, refresh *C.char, expiresInMS C.uint64_t) {
	call := callbackContextOf(handle)
	call.recoverPanic("the TokenSavedFunc", func() bool {
		saved := SavedToken{Access: Token{Value: C.GoString(access), ExpiresIn: duration(expiresInMS)}}
		if unsafe.Pointer(refresh) != nil {
			saved.Refresh = C.GoString(refresh)
		}
		cgo.Handle(function).Value().(TokenSavedFunc)(call.ctx, saved)
		return true
	})
}
