package sac

// #include "shim.h"
import "C"

import "time"

// WithCookieJar sets whether the cookies that servers set are kept, and sent back to them (RFC 6265):
// false unless set; false also forgets those that are there. They belong to the scope: a clone begins
// with a copy of its own.
func WithCookieJar(keep bool) Option {
	return func(c *Client) error {
		return c.set("WithCookieJar", func(core *core) C.sac_code {
			return C.sac_set_cookie_jar(core.pointer, C.bool(keep))
		})
	}
}

// WithClientCertificateFile sets the certificate that is shown to servers that ask for one, from PEM
// files, which are read now: the certificate with those between it and the authority, and its private
// key.
func WithClientCertificateFile(certificatePath, keyPath string) Option {
	return textOption(ErrInvalidArgument, "WithClientCertificateFile", func(core *core, t *texts) C.sac_code {
		return C.sac_set_client_certificate(core.pointer, t.at(0), t.at(1))
	}, certificatePath, keyPath)
}

// WithClientCertificate is [WithClientCertificateFile] from memory.
func WithClientCertificate(certificatePEM, keyPEM []byte) Option {
	return textOption(ErrCertificate, "WithClientCertificate", func(core *core, t *texts) C.sac_code {
		return C.sac_set_client_certificate_pem(core.pointer, t.at(0), t.at(1))
	}, string(certificatePEM), string(keyPEM))
}

// WithConnectionMaxAge sets how old a connection may become before it is not used for another request:
// 5 min unless set; 0 for no limit. The next request opens a new one, looks the name up again and so
// finds a server that has moved. A random part of a tenth is added, so that connections that were opened
// together are not closed together.
func WithConnectionMaxAge(age time.Duration) Option {
	return durationOption("WithConnectionMaxAge", age, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_connection_max_age_ms(core.pointer, ms)
	})
}

// WithUnixSocket lets all connections go to a Unix domain socket; "" for none, as it is unless set. The
// base URL still gives Host and base path.
func WithUnixSocket(path string) Option {
	return textOption(ErrInvalidArgument, "WithUnixSocket", func(core *core, t *texts) C.sac_code {
		if path == "" {
			return C.sac_set_unix_socket(core.pointer, nil)
		}
		return C.sac_set_unix_socket(core.pointer, t.at(0))
	}, path)
}

// WithProxy sets the proxy that requests go through, with the scheme http, https, socks4, socks4a,
// socks5 or socks5h; "" for none. Unless set, it is what the environment said when the client was
// made.
func WithProxy(url string) Option {
	return textOption(ErrInvalidURL, "the proxy", func(core *core, t *texts) C.sac_code {
		return C.sac_set_proxy(core.pointer, t.at(0))
	}, url)
}

// WithProxyFromEnvironment sets the proxies that the environment names now: http_proxy, https_proxy,
// all_proxy and no_proxy.
func WithProxyFromEnvironment() Option {
	return func(c *Client) error {
		return c.set("WithProxyFromEnvironment", func(core *core) C.sac_code {
			return C.sac_set_proxy(core.pointer, nil)
		})
	}
}
