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
// The rules for every call: The path starts with "/", is appended to the client's base path, and may
// contain a query. The call blocks until it finishes or the context ends. The response is never nil,
// and its JSON is always well-formed. The error is nil if the call succeeded; otherwise, and also for
// a status of 400 or above, it is an [*Error].
func (c *Client) Get(ctx context.Context, path string, options ...RequestOption) (*Response, error) {
	return c.Do(ctx, "GET", path, options...)
}

// GetBinary gets a resource that need not be JSON. It asks for application/octet-stream. The bytes are
// in the response's Body.
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

// PostForm posts a form (application/x-www-form-urlencoded), sorted by name. If the order matters,
// pass [Form] options to [Client.Do].
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
	call := newInFlight()
	defer call.free()
	r, err := call.start(func(r *Request) error { return r.start(C.GOSAC_PATH, method, path, options) })
	if err != nil {
		return errorResponse(err)
	}
	return c.send(ctx, r, call)
}

// Send sends a request.
func (c *Client) Send(ctx context.Context, request *Request) (*Response, error) {
	if request == nil {
		return errorResponse(newError(ErrNullArgument, "the request"))
	}
	call := newInFlight()
	defer call.free()
	return c.send(ctx, request, call)
}

func (c *Client) send(ctx context.Context, r *Request, call *inFlight) (*Response, error) {
	if err := call.run(ctx, c, r); err != nil {
		return errorResponse(err)
	}
	response := call.goResponse()
	if err := call.failure(&call.callbacks); err != nil {
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
