package sac

import (
	"context"
	"net/http"
)

// scopeKey is the key of the client in a context.
type scopeKey struct{}

// NewContext returns a context that contains a client.
func NewContext(ctx context.Context, client *Client) context.Context {
	return context.WithValue(ctx, scopeKey{}, client)
}

// FromContext returns the client in a context; nil if there is none. Calls of a nil client fail with
// [ErrClientClosed].
func FromContext(ctx context.Context) *Client {
	client, _ := ctx.Value(scopeKey{}).(*Client)
	return client
}

// PerRequest makes a separate client for each request that a net/http server receives: a clone of client,
// with the options that scope returns for the request (scope may be nil), such as its request ID and its
// user's token. The handler gets the clone from [FromContext]. It is closed when the handler returns, and
// its settings end with it. If the clone cannot be made, for example because a forwarded header field has
// invalid characters, the response is a 500 and the handler is not called. Check data from outside in
// scope.
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
