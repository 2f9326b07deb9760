package sac

// #include "shim.h"
import "C"

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strconv"
	"time"
)

// Trace sets functions that are called while the request is sent, as by net/http: for a DNS lookup, a connection,
// a TLS handshake, the parts of the request, and the first byte of the response. The goroutine that makes the call,
// or that reads its [Stream], calls them. They must not make calls: these end with [ErrInvalidArgument]. If one
// panics, the call ends with [ErrInternal]. If Got1xxResponse returns an error, the call ends with [ErrCancelled], and
// errors.Is finds that error.
//
// PutIdleConn and WroteHeaderField are not called. The Conn of a GotConnInfo has only addresses.
// DNSDoneInfo.Coalesced is false, also if the lookup was shared.
func Trace(hooks *httptrace.ClientTrace) RequestOption {
	return func(r *Request) error {
		if hooks == nil {
			return newError(ErrNullArgument, "the trace")
		}
		r.trace = hooks
		return r.step(C.GOSAC_TRACE, ErrInvalidArgument, "")
	}
}

// A trace passes the events of one call to the hooks of its caller.
type trace struct {
	hooks *httptrace.ClientTrace
	stop  func() // ends the call
}

// traceEvent is an event of sac_trace_callback.
type traceEvent struct {
	Event         string      `json:"event"`
	Address       string      `json:"address"`
	Host          string      `json:"host"`
	Addresses     []string    `json:"addresses"`
	TLS           *tlsSession `json:"tls"`
	Reused        bool        `json:"reused"`
	IdleUS        int64       `json:"idle_us"`
	LocalAddress  string      `json:"local_address"`
	RemoteAddress string      `json:"remote_address"`
	Status        int         `json:"status"`
	Headers       [][2]string `json:"headers"`
	Error         *string     `json:"error"`
}

// event calls the hooks for an event. An error ends the call.
func (t *trace) event(text string) error {
	var event traceEvent
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		return nil // An event of a later library, with other members.
	}
	hooks := t.hooks
	switch event.Event {
	case "connection_wanted":
		call(hooks.GetConn, event.Address)
	case "lookup_started":
		call(hooks.DNSStart, httptrace.DNSStartInfo{Host: event.Host})
	case "lookup_done":
		call(hooks.DNSDone, httptrace.DNSDoneInfo{Addrs: ipAddrs(event.Addresses), Err: event.err()})
	case "connect_started":
		if hooks.ConnectStart != nil {
			hooks.ConnectStart(networkOf(event.Address), event.Address)
		}
	case "connect_done":
		if hooks.ConnectDone != nil {
			hooks.ConnectDone(networkOf(event.Address), event.Address, event.err())
		}
	case "tls_started":
		run(hooks.TLSHandshakeStart)
	case "tls_done":
		t.tlsDone(&event)
	case "connection_ready":
		call(hooks.GotConn, event.connInfo())
	case "head_sent":
		run(hooks.WroteHeaders)
	case "continue_awaited":
		run(hooks.Wait100Continue)
	case "request_sent":
		call(hooks.WroteRequest, httptrace.WroteRequestInfo{Err: event.err()})
	case "first_byte":
		run(hooks.GotFirstResponseByte)
	case "interim":
		return t.interim(&event)
	}
	return nil
}

func (t *trace) tlsDone(event *traceEvent) {
	if t.hooks.TLSHandshakeDone == nil {
		return
	}
	var state tls.ConnectionState
	if event.TLS != nil {
		state = event.TLS.connectionState()
	}
	t.hooks.TLSHandshakeDone(state, event.err())
}

func (t *trace) interim(event *traceEvent) error {
	if event.Status == http.StatusContinue {
		run(t.hooks.Got100Continue)
	}
	if t.hooks.Got1xxResponse == nil {
		return nil
	}
	header := make(textproto.MIMEHeader, len(event.Headers))
	for _, field := range event.Headers {
		header.Add(field[0], field[1])
	}
	return t.hooks.Got1xxResponse(event.Status, header)
}

func run(hook func()) {
	if hook != nil {
		hook()
	}
}

func call[T any](hook func(T), argument T) {
	if hook != nil {
		hook(argument)
	}
}

func (e *traceEvent) err() error {
	if e.Error == nil {
		return nil
	}
	return errors.New(*e.Error)
}

func (e *traceEvent) connInfo() httptrace.GotConnInfo {
	return httptrace.GotConnInfo{
		Conn:     &tracedConn{local: netAddr(e.LocalAddress), remote: netAddr(e.RemoteAddress)},
		Reused:   e.Reused,
		WasIdle:  e.Reused,
		IdleTime: time.Duration(e.IdleUS) * time.Microsecond,
	}
}

// networkOf returns the network of an address: a path is that of a Unix domain socket.
func networkOf(address string) string {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return "unix"
	}
	return "tcp"
}

func ipAddrs(texts []string) []net.IPAddr {
	addrs := make([]net.IPAddr, 0, len(texts))
	for _, text := range texts {
		addrs = append(addrs, net.IPAddr{IP: net.ParseIP(text)})
	}
	return addrs
}

// netAddr converts an address; "" is the unnamed address of a Unix domain socket.
func netAddr(address string) net.Addr {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return &net.UnixAddr{Net: "unix"}
	}
	number, _ := strconv.Atoi(port) // The library writes a number.
	return &net.TCPAddr{IP: net.ParseIP(host), Port: number}
}

// A tracedConn is a connection of the library. It has addresses, and belongs to the library: httptrace says that hooks
// must not use it.
type tracedConn struct {
	local, remote net.Addr
}

var errTracedConn = errors.New("sac: the connection belongs to the library")

func (c *tracedConn) LocalAddr() net.Addr              { return c.local }
func (c *tracedConn) RemoteAddr() net.Addr             { return c.remote }
func (c *tracedConn) Read([]byte) (int, error)         { return 0, errTracedConn }
func (c *tracedConn) Write([]byte) (int, error)        { return 0, errTracedConn }
func (c *tracedConn) Close() error                     { return errTracedConn }
func (c *tracedConn) SetDeadline(time.Time) error      { return errTracedConn }
func (c *tracedConn) SetReadDeadline(time.Time) error  { return errTracedConn }
func (c *tracedConn) SetWriteDeadline(time.Time) error { return errTracedConn }
