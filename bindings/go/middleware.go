package sac

import (
	"context"
	"net/http"
)

// scopeKey is where a context carries a client.
type scopeKey struct{}

// NewContext is a context that carries a client.
func NewContext(ctx context.Context, client *Client) context.Context {
	return context.WithValue(ctx, scopeKey{}, client)
}

// FromContext is the client that a context carries; nil where it carries none. A nil client's calls
// fail with [ErrClientClosed].
func FromContext(ctx context.Context) *Client {
	client, _ := ctx.Value(scopeKey{}).(*Client)
	return client
}

// PerRequest gives each request that a net/http server receives a client of its own: a clone of
// client, with the options that scope returns for the request (nil for none), such as its request ID
// and its user's token. The handler finds it with [FromContext]; it is closed when the handler
// returns, and what was set on it is gone with it. Where the scope cannot be made, as where a header
// field that it is to pass on holds what it must not, the request is answered with 500 and the
// handler not called; check in scope what may come from outside.
//
//	http.Handle("/", sac.PerRequest(client, func(r *http.Request) ([]sac.Option, error) {
//		return []sac.Option{sac.WithBearer(tokenOf(r))}, nil
//	})(handler))
func PerRequest(client *Client, scope func(*http.Request) ([]Option, error)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			scoped, err := scopeFor(client, scope, r)
			if err != nil {
				http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
				return
			}
			defer scoped.Close()
			next.ServeHTTP(w, r.WithContext(NewContext(r.Context(), scoped)))
		})
	}
}

func scopeFor(client *Client, scope func(*http.Request) ([]Option, error), r *http.Request) (*Client, error) {
	if scope == nil {
		return client.Clone()
	}
	options, err := scope(r)
	if err != nil {
		return nil, err
	}
	return client.Clone(options...)
}
