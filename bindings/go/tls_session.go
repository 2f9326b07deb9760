package sac

// #include <string.h>
// #include "shim.h"
import "C"

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"unsafe"
)

// tlsSession is the object of sac_response_tls.
type tlsSession struct {
	Version      string   `json:"version"`
	CipherSuite  string   `json:"cipher_suite"`
	Protocol     string   `json:"protocol"`
	ServerName   string   `json:"server_name"`
	Resumed      bool     `json:"resumed"`
	Certificates [][]byte `json:"certificates"` // DER
}

// A tlsCache is the TLS session of an earlier response. The next response usually has the same.
type tlsCache struct {
	text  string
	state tls.ConnectionState
}

// tlsState returns the TLS session of the response; nil if it did not arrive over https.
func (c *inFlight) tlsState() *tls.ConnectionState {
	text := C.sac_response_tls(c.response)
	if text == nil {
		return nil
	}
	if view := viewBytes(unsafe.Pointer(text), C.strlen(text)); c.tls.text != string(view) {
		var session tlsSession
		if err := json.Unmarshal(view, &session); err != nil {
			return nil
		}
		c.tls = tlsCache{string(view), session.connectionState()}
	}
	state := c.tls.state
	return &state
}

func (s *tlsSession) connectionState() tls.ConnectionState {
	state := tls.ConnectionState{
		Version:            tlsVersions[s.Version],
		HandshakeComplete:  true,
		DidResume:          s.Resumed,
		CipherSuite:        cipherSuiteID(s.CipherSuite),
		NegotiatedProtocol: s.Protocol,
		ServerName:         s.ServerName,
	}
	if net.ParseIP(s.ServerName) != nil {
		state.ServerName = "" // crypto/tls has only what the handshake contains (RFC 6066 section 3).
	}
	for _, der := range s.Certificates {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			break // crypto/x509 refuses more than the library does.
		}
		state.PeerCertificates = append(state.PeerCertificates, certificate)
	}
	return state
}

var tlsVersions = map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13}

func cipherSuiteID(name string) uint16 {
	for _, suite := range tls.CipherSuites() {
		if suite.Name == name {
			return suite.ID
		}
	}
	return 0
}
