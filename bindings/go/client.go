package sac

// #include "shim.h"
import "C"

import (
	"encoding/json"
	"runtime"
)

// A Client calls the API at one base URL. It carries a scope (header fields, cookies, credentials)
// and settings, both given by options, and the connections that it shares with its clones.
//
// It may be used by any number of goroutines at once, Set and Close included; a call works on the
// settings as they were when it began. Embed it to make a more specific client:
//
//	type Users struct{ *sac.Client }
//
// A call that waits for its answer occupies one thread of the operating system.
type Client struct {
	owner *owner
}

// owner is what a cleanup can be attached to, however a Client is copied.
type owner struct {
	core    *core
	cleanup cleanup
}

// New makes a client for the API at a base URL: "http://" or "https://", a host, optionally a port
// and a base path, which every request's path goes behind. "user:password@" acts as [WithBasicAuth].
// No connection is made yet.
//
// Close it when it is done with. One that is forgotten is closed by the garbage collector, sooner or
// later.
func New(baseURL string, options ...Option) (*Client, error) {
	texts, err := newTexts(ErrInvalidURL, "the base URL", baseURL)
	if err != nil {
		return nil, err
	}
	defer texts.wipe()
	var pointer *C.sac_client
	if code := Code(C.sac_client_new(texts.at(0), &pointer)); code != OK {
		return nil, newError(code, "the base URL, which has to be http:// or https:// and a host, without a query")
	}
	return configured(newCore(pointer, newFamily()), options)
}

// Clone makes a scope of its own, such as for one incoming request: the same connections and rate
// limit, with copies of the settings, header fields, cookies and credentials, which the options then
// change. What is set on one from then on does not reach the other. It costs little. Close it like
// any client, in any order.
func (c *Client) Clone(options ...Option) (*Client, error) {
	core := c.core()
	if !core.acquire() {
		return nil, closedError()
	}
	defer core.release()
	return configured(core.clone(), options)
}

func configured(core *core, options []Option) (*Client, error) {
	owner := &owner{core: core}
	owner.cleanup = onForgotten(owner, core.close)
	client := &Client{owner}
	if err := client.Set(options...); err != nil {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

// core is nil for a Client that New has not made, which is like one that has been closed.
func (c *Client) core() *core {
	if c == nil || c.owner == nil {
		return nil
	}
	return c.owner.core
}

// Set applies options, in their order, up to the first that fails; a nil one is passed over. Calls
// that have begun are not affected.
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

// Close lets go of the client. Calls in flight go on to their end; any later one fails with
// [ErrClientClosed]. Connections close when the last of a client and its clones is closed. It may be
// called any number of times, and never fails.
func (c *Client) Close() error {
	if core := c.core(); core != nil {
		disarm(c.owner, c.owner.cleanup)
		core.close()
		runtime.KeepAlive(c.owner)
	}
	return nil
}

// Reset forgets all header fields, cookies and credentials, and wipes their memory; settings stay.
func (c *Client) Reset() error {
	return c.with(func(core *core) error {
		C.sac_client_reset(core.pointer)
		return nil
	})
}

// RemoveHeader removes a header field, by its name in any case; one that is not there is no error.
func (c *Client) RemoveHeader(name string) error {
	return c.setTexts(ErrInvalidHeader, "the name of a header field", func(core *core, t *texts) C.sac_code {
		return C.sac_remove_header(core.pointer, t.at(0))
	}, name)
}

// RemoveCookie removes a cookie, signed or not; one that is not there is no error.
func (c *Client) RemoveCookie(name string) error {
	return c.setTexts(ErrInvalidCookie, "the name of a cookie", func(core *core, t *texts) C.sac_code {
		return C.sac_remove_cookie(core.pointer, t.at(0))
	}, name)
}

// PathOf is the path to ask this client for, given a full URL of its origin, as it stands in a
// Location or Link header field, or an absolute path of that origin. A URL of another origin, or one
// that is not below the base path, is an [ErrInvalidURL]: so no link leads astray.
func (c *Client) PathOf(url string) (path string, err error) {
	var out *C.char
	err = c.setTexts(ErrInvalidURL, "the URL", func(core *core, t *texts) C.sac_code {
		return C.sac_client_path_of(core.pointer, t.at(0), &out)
	}, url)
	if err != nil {
		return "", err
	}
	return takeString(out), nil
}

// Stats are the counters of a client and all its clones.
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

// with gives a function the library's client, which lives as long as the function runs.
func (c *Client) with(do func(*core) error) error {
	core := c.core()
	if !core.acquire() {
		return closedError()
	}
	defer core.release()
	err := do(core)
	runtime.KeepAlive(c.owner)
	return err
}

// set calls a setter. what names the thing that is set.
func (c *Client) set(what string, setter func(*core) C.sac_code) error {
	return c.with(func(core *core) error { return errorOf(setter(core), what) })
}

// errorOf is the error of a code, nil for OK. what names the thing that the code is about.
func errorOf(code C.sac_code, what string) error {
	if code == C.SAC_OK {
		return nil
	}
	return newError(Code(code), what)
}

// setTexts calls a setter with strings. notText is the code for a string that C cannot have.
func (c *Client) setTexts(notText Code, what string, setter func(*core, *texts) C.sac_code, values ...string) error {
	texts, err := newTexts(notText, what, values...)
	if err != nil {
		return err
	}
	defer texts.wipe()
	return c.set(what, func(core *core) C.sac_code { return setter(core, texts) })
}
