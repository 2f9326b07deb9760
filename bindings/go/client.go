package sac

// #include "shim.h"
import "C"

import (
	"encoding/json"
	"runtime"
)

// A Client calls the API at one base URL. It has a scope (header fields, cookies, credentials) and
// settings, both set by options, and the connections that it shares with its clones.
//
// Any number of goroutines may use it at once, including Set and Close. A call uses the settings from the
// time when it started. Embed a Client to make a more specific one:
//
//	type Users struct{ *sac.Client }
//
// A call that waits for its response occupies one thread of the operating system.
type Client struct {
	owner *owner
}

// owner is the object that the cleanup is attached to, because a Client can be copied.
type owner struct {
	core    *core
	cleanup cleanup
}

// New makes a client for the API at a base URL: "http://" or "https://", a host, optionally a port and a
// base path, to which the path of each request is appended. "user:password@" acts as [WithBasicAuth].
// New opens no connection.
//
// Close the client when you no longer need it. If you forget, the garbage collector closes it at some
// time.
func New(baseURL string, options ...Option) (*Client, error) {
	texts, err := newCStrings(ErrInvalidURL, "the base URL", baseURL)
	if err != nil {
		return nil, err
	}
	defer texts.wipe()
	var pointer *C.sac_client
	if code := Code(C.sac_client_new(texts.at(0), &pointer)); code != OK {
		return nil, newError(code, "the base URL, which must be http:// or https:// and a host, without a query")
	}
	return newClientFromCore(newCore(pointer, newSharedState()), options)
}

// Clone makes a separate scope, for example for one incoming request: it shares the connections and the
// rate limit, and has its own copies of the settings, header fields, cookies and credentials. The options
// change the copies. Later changes to one client do not affect the other. A clone costs little. Close it
// like any client; the order does not matter.
func (c *Client) Clone(options ...Option) (*Client, error) {
	core := c.core()
	if !core.acquire() {
		return nil, closedError()
	}
	defer core.release()
	return newClientFromCore(core.clone(), options)
}

func newClientFromCore(core *core, options []Option) (*Client, error) {
	owner := &owner{core: core}
	owner.cleanup = addCleanup(owner, core.close)
	client := &Client{owner}
	if err := client.Set(options...); err != nil {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

// core returns nil for a Client that New did not make. Such a Client acts like a closed one.
func (c *Client) core() *core {
	if c == nil || c.owner == nil {
		return nil
	}
	return c.owner.core
}

// Set applies options in order, up to the first that fails. It skips nil options. Running calls are not
// affected.
func (c *Client) Set(options ...Option) error {
	for _, option := range options {
		if option == nil {
			continue
		}
		if err := option(c); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the client. Calls in progress continue to their end; later calls fail with
// [ErrClientClosed]. Connections close when a client and all its clones are closed. Close may be called
// any number of times, and never fails.
func (c *Client) Close() error {
	if core := c.core(); core != nil {
		stopCleanup(c.owner, c.owner.cleanup)
		core.close()
		runtime.KeepAlive(c.owner)
	}
	return nil
}

// Reset removes all header fields, cookies and credentials, and wipes their memory. Settings stay.
func (c *Client) Reset() error {
	return c.withCore(func(core *core) error {
		C.sac_client_reset(core.pointer)
		return nil
	})
}

// RemoveHeader removes a header field. The name is case-insensitive. It is no error if there is no such
// field.
func (c *Client) RemoveHeader(name string) error {
	return c.setCStrings(ErrInvalidHeader, "the name of a header field", func(core *core, t *cStrings) C.sac_code {
		return C.sac_remove_header(core.pointer, t.at(0))
	}, name)
}

// RemoveCookie removes a cookie, signed or not. It is no error if there is no such cookie.
func (c *Client) RemoveCookie(name string) error {
	return c.setCStrings(ErrInvalidCookie, "the name of a cookie", func(core *core, t *cStrings) C.sac_code {
		return C.sac_remove_cookie(core.pointer, t.at(0))
	}, name)
}

// PathOf converts a full URL of the client's origin, for example from a Location or Link header field, or
// an absolute path of that origin, to a path for this client. For a URL of another origin or outside the
// base path, the error is [ErrInvalidURL], so a link cannot lead to a different server.
func (c *Client) PathOf(url string) (path string, err error) {
	var out *C.char
	err = c.setCStrings(ErrInvalidURL, "the URL", func(core *core, t *cStrings) C.sac_code {
		return C.sac_client_path_of(core.pointer, t.at(0), &out)
	}, url)
	if err != nil {
		return "", err
	}
	return takeString(out), nil
}

// CloseIdle closes the connections of a client and its clones that no call is using. Later calls open new ones.
func (c *Client) CloseIdle() error {
	return c.withCore(func(core *core) error {
		C.sac_client_close_idle(core.pointer)
		return nil
	})
}

// Stats returns the counters of a client and all its clones.
func (c *Client) Stats() (Stats, error) {
	var out *C.char
	err := c.set("the counters", func(core *core) C.sac_code {
		return C.sac_client_stats(core.pointer, &out)
	})
	if err != nil {
		return Stats{}, err
	}
	var stats Stats
	if err := json.Unmarshal([]byte(takeString(out)), &stats); err != nil {
		return Stats{}, &Error{Code: ErrInternal, Message: "the counters cannot be read", cause: err}
	}
	return stats, nil
}

// withCore calls a function with the core, which stays valid while the function runs.
func (c *Client) withCore(do func(*core) error) error {
	core := c.core()
	if !core.acquire() {
		return closedError()
	}
	defer core.release()
	err := do(core)
	runtime.KeepAlive(c.owner)
	return err
}

// set calls a setter. what names the setting, for an error.
func (c *Client) set(what string, setter func(*core) C.sac_code) error {
	return c.withCore(func(core *core) error { return errorOf(setter(core), what) })
}

// errorOf returns the error for a code; nil for OK. what names the subject of the code.
func errorOf(code C.sac_code, what string) error {
	if code == C.SAC_OK {
		return nil
	}
	return newError(Code(code), what)
}

// setCStrings calls a setter with strings. invalidCode is the code for a string with a NUL byte.
func (c *Client) setCStrings(invalidCode Code, what string, setter func(*core, *cStrings) C.sac_code, values ...string) error {
	texts, err := newCStrings(invalidCode, what, values...)
	if err != nil {
		return err
	}
	defer texts.wipe()
	return c.set(what, func(core *core) C.sac_code { return setter(core, texts) })
}
