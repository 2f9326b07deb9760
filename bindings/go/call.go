package sac

// #include "shim.h"
import "C"

import (
	"context"
	"net/url"
	"sort"
)

// Get gets a resource. It asks for application/json.
//
// This is what holds for every call. The path starts with "/", goes behind the client's base path,
// and may hold a query. The call blocks until it is over or the context ends. It always answers: the
// response is never nil, and its JSON is always well-formed; the error is nil exactly where all went
// well, and is an [*Error] otherwise, from a status of 400 on too.
func (c *Client) Get(ctx context.Context, path string, options ...RequestOption) (*Response, error) {
	return c.Do(ctx, "GET", path, options...)
}

// GetBinary gets a resource that need not be JSON: it asks for application/octet-stream, and its
// bytes are in the response's Body.
func (c *Client) GetBinary(ctx context.Context, path string, options ...RequestOption) (*Response, error) {
	return c.Do(ctx, "GET", path, prepend(Header("Accept", "application/octet-stream"), options)...)
}

// Delete deletes a resource.
func (c *Client) Delete(ctx context.Context, path string, options ...RequestOption) (*Response, error) {
	return c.Do(ctx, "DELETE", path, options...)
}

// Post posts a value as [JSON]; nil for no body.
func (c *Client) Post(ctx context.Context, path string, value any, options ...RequestOption) (*Response, error) {
	return c.Do(ctx, "POST", path, withValue(value, options)...)
}

// Put puts a value as [JSON]; nil for no body.
func (c *Client) Put(ctx context.Context, path string, value any, options ...RequestOption) (*Response, error) {
	return c.Do(ctx, "PUT", path, withValue(value, options)...)
}

// Patch patches with a value as [JSON]; nil for no body.
func (c *Client) Patch(ctx context.Context, path string, value any, options ...RequestOption) (*Response, error) {
	return c.Do(ctx, "PATCH", path, withValue(value, options)...)
}

// PostForm posts a form (application/x-www-form-urlencoded), sorted by name. Where the order matters,
// give [Form] options to [Client.Do].
func (c *Client) PostForm(ctx context.Context, path string, fields url.Values, options ...RequestOption) (*Response, error) {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	var form []RequestOption
	for _, name := range names {
		for _, value := range fields[name] {
			form = append(form, Form(name, value))
		}
	}
	return c.Do(ctx, "POST", path, append(form, options...)...)
}

// Do makes a call with any method: see [NewRequest].
func (c *Client) Do(ctx context.Context, method, path string, options ...RequestOption) (*Response, error) {
	x := newExchange()
	defer x.free()
	r, err := x.begin(func(r *Request) error { return r.begin(C.GOSAC_PATH, method, path, options) })
	if err != nil {
		return failed(err)
	}
	return c.send(ctx, r, x)
}

// Send makes the call that a request describes.
func (c *Client) Send(ctx context.Context, request *Request) (*Response, error) {
	if request == nil {
		return failed(newError(ErrNullArgument, "the request"))
	}
	x := newExchange()
	defer x.free()
	return c.send(ctx, request, x)
}

func (c *Client) send(ctx context.Context, r *Request, x *exchange) (*Response, error) {
	if err := x.run(ctx, c, r); err != nil {
		return failed(err)
	}
	response := x.response()
	if err := x.failure(r); err != nil {
		err.Response = response
		return response, err
	}
	return response, nil
}

func prepend(first RequestOption, others []RequestOption) []RequestOption {
	return append([]RequestOption{first}, others...)
}

func withValue(value any, options []RequestOption) []RequestOption {
	if value == nil {
		return options
	}
	return prepend(JSON(value), options)
}
