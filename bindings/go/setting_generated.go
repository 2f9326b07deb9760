// Generated from interface/settings.toml by `make interface`. Do not edit.

package sac

// #include "shim.h"
import "C"

import (
	"strconv"
	"time"
)

// WithTimeout sets the time limit of one attempt, from the DNS lookup to the last byte, with redirects.
// An endless response, such as a watch, needs 0. 0 disables it. Times are rounded up to whole
// milliseconds. Default: 30 s.
func WithTimeout(span time.Duration) Option {
	return durationOption("WithTimeout", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_timeout_ms(core.pointer, ms)
	})
}

// WithConnectTimeout sets the time limit of DNS lookup, connect and TLS handshake together. 0 disables
// it. Times are rounded up to whole milliseconds. Default: 10 s.
func WithConnectTimeout(span time.Duration) Option {
	return durationOption("WithConnectTimeout", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_connect_timeout_ms(core.pointer, ms)
	})
}

// WithReadTimeout sets the longest time without data from the server, before or within its response.
// Each byte restarts the time. It never extends [WithTimeout]. 0 disables it. Times are rounded up to
// whole milliseconds. Default: 0.
func WithReadTimeout(span time.Duration) Option {
	return durationOption("WithReadTimeout", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_read_timeout_ms(core.pointer, ms)
	})
}

// WithDeadline sets the time limit of a whole call, with retries and waits. If a wait would exceed it,
// the call ends at once with the last response, or with [ErrTimeout]. 0 disables it. Times are rounded
// up to whole milliseconds. Default: 0.
func WithDeadline(span time.Duration) Option {
	return deadlineOption("WithDeadline", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_deadline_ms(core.pointer, ms)
	})
}

// WithRetries sets the largest number of attempts after the first one. Only requests that are safe to
// send twice are retried: requests that were never sent, requests that the server refused (429, a 403
// that is a rate limit, 503 with Retry-After), and idempotent requests (RFC 9110 section 9.2.2, RFC
// 10008). A request with an idempotency key counts as idempotent. One repetition does not count and also
// happens at 0. If the server closes a kept connection before the first byte of the response, the
// request is sent once more on a new connection, if it was not sent or is idempotent (RFC 9112 section
// 9.3.1). A 408 that closes such a connection has the same effect. If the server asks for a delay, other
// calls of this client and its clones to the same path also wait, within their deadline. Calls without
// retries do not wait. 3 means up to four requests. 0 disables retries. Default: 0.
func WithRetries(retries int) Option {
	return countOption("WithRetries", retries, func(core *core, count C.uint32_t) C.sac_code {
		return C.sac_set_retry_attempts(core.pointer, count)
	})
}

// WithBackoff sets the wait before a retry if the server asks for no delay: a random part of a limit
// that starts at base and doubles up to max. After a 429 or 503 the limit starts at one second, or at
// base if that is longer, and the wait is at least half of it. Times are rounded up to whole
// milliseconds. Default: 100 ms and 20 s.
func WithBackoff(base, longest time.Duration) Option {
	return spanOption("WithBackoff", base, longest, func(core *core, base, longest C.uint64_t) C.sac_code {
		return C.sac_set_backoff_ms(core.pointer, base, longest)
	})
}

// WithRetryStatuses sets the statuses that allow another attempt. 429 includes a 403 that is a rate
// limit: one with Retry-After, or with x-ratelimit-remaining: 0. Default: 429, 500, 502, 503, 504.
func WithRetryStatuses(statuses ...int) Option {
	return statusesOption("WithRetryStatuses", statuses, func(core *core, statuses *C.uint16_t, count C.size_t) C.sac_code {
		return C.sac_set_retry_statuses(core.pointer, statuses, count)
	})
}

// WithRetryAfterMax sets the longest delay from a server (Retry-After and similar fields) that a call
// waits for. If the delay is longer, the call ends at once with that response, and no other call waits.
// A delay of more than ten years is ignored. Times are rounded up to whole milliseconds. Default: 120 s.
func WithRetryAfterMax(span time.Duration) Option {
	return durationOption("WithRetryAfterMax", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_retry_after_max_ms(core.pointer, ms)
	})
}

// WithRetryBudget sets the budget for the retries of this client and all its clones together, which
// protects a server that fails. A retry takes 14 tokens, or 5 if the server limits the rate. A call that
// needs no retry gives one token back, and a retry that succeeds gives back what it has taken. A status
// below 500 that is no rate limit counts as a success. Without enough tokens, a call ends with its last
// response or error. The number of tokens, also at the start. 0 allows every retry. Default: 500.
func WithRetryBudget(tokens int) Option {
	return countOption("WithRetryBudget", tokens, func(core *core, count C.uint32_t) C.sac_code {
		return C.sac_set_retry_budget(core.pointer, count)
	})
}

// WithRateLimit sets the limit on the requests of this client and all its clones together. Calls wait
// for their turn. A call whose wait would exceed its deadline ends with [ErrRateLimited]. Processes that
// are forked later share the limit with their parent and with each other. If a process sets a different
// limit, it has its own from then on. If it sets the same limit again, nothing changes. 0 disables the
// limit. burst: the number of requests that may go at once after a pause; 1 spaces all requests evenly.
func WithRateLimit(requests int, per time.Duration, burst int) Option {
	return rateOption("WithRateLimit", requests, per, burst, func(core *core, requests C.uint32_t, per C.uint64_t, burst C.uint32_t) C.sac_code {
		return C.sac_set_rate_limit(core.pointer, requests, per, burst)
	})
}

// WithMaxBody sets the largest body that is accepted. A body that is larger, or does not fit into
// memory, ends the call with [ErrTooLarge]. A body to a file or a callback has no limit by default, but
// a compressed one may expand to at most 256 MiB, or 1000 times the received bytes if that is more.
// Counted after content decoding. 0 disables the limit. Default: 256 MiB.
func WithMaxBody(bytes int64) Option {
	return bytesOption("WithMaxBody", bytes, func(core *core, bytes C.uint64_t) C.sac_code {
		return C.sac_set_max_body_bytes(core.pointer, bytes)
	})
}

// WithRedirects sets the largest number of redirects that a call follows. More redirects end the call
// with [ErrRedirect]. Another origin (scheme, host or port) gets no credentials, no client certificate,
// no cookies that the program set, and only harmless header fields. A 307 or 308 sends it the body (RFC
// 9110 section 15.4); 0 prevents that. 0 returns the 3xx itself. Default: 10.
func WithRedirects(max int) Option {
	return countOption("WithRedirects", max, func(core *core, count C.uint32_t) C.sac_code {
		return C.sac_set_redirects(core.pointer, count)
	})
}

// WithUserAgent sets the value of the User-Agent field. "" restores the default, libsac/<version>.
func WithUserAgent(value string) Option {
	return textOption(ErrInvalidHeader, "WithUserAgent", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_user_agent(core.pointer, t.orNull(0))
	}, value)
}

// WithVerify sets whether the certificate of the server is verified (RFC 5280, RFC 9525). false accepts
// any certificate, so anyone on the network path can read and change everything. Default: true.
func WithVerify(verify bool) Option {
	return flagOption("WithVerify", verify, func(core *core, flag C.bool) C.sac_code {
		return C.sac_set_verify(core.pointer, flag)
	})
}

// WithCAFile sets the trusted certificate authorities from a file, instead of those of the system. The
// file is examined before each TLS handshake, and read again if it has changed. If it is then not
// usable, the last authorities stay, and the log says why. Kept connections are not affected. A file
// with one or more PEM certificates (RFC 7468), read now and when it changes; the form TRUSTED
// CERTIFICATE of OpenSSL is refused.
func WithCAFile(path string) Option {
	return textOption(ErrInvalidArgument, "the file "+strconv.Quote(path), func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_ca_file(core.pointer, t.at(0))
	}, path)
}

// WithCAPEM sets the trusted certificate authorities from memory, instead of those of the system. You
// may also give the server's own certificate, self-signed or not. It is then trusted for the names in
// it. One or more PEM certificates (RFC 7468).
func WithCAPEM(pem []byte) Option {
	return textOption(ErrCertificate, "WithCAPEM", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_ca_pem(core.pointer, t.at(0))
	}, string(pem))
}

// WithClientCertificatePassword sets the password for an encrypted key (PKCS #8, RFC 5958) of a client
// certificate that is set afterwards. The encryption is PBES2 with AES, by PBKDF2 with SHA-2 or by
// scrypt (RFC 8018, RFC 7914), as OpenSSL 1.1 and later write it. Other keys are refused; openssl pkcs8
// -topk8 -v2 aes-256-cbc converts them. No log line and no error text contains the password. "" removes
// it, the default.
func WithClientCertificatePassword(password string) Option {
	return textOption(ErrInvalidArgument, "WithClientCertificatePassword", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_client_certificate_password(core.pointer, t.orNull(0))
	}, password)
}

// WithClientCertificateFile sets the certificate for servers that request one, and its private key, from
// files. After a redirect to another origin, the certificate is not used for the rest of the call. Both
// files are examined before each TLS handshake, and read again if one has changed. If they are then not
// usable, for example because the new key is not there yet, the last pair stays, and the log says why.
// Kept connections keep the certificate of their handshake.
func WithClientCertificateFile(certificatePath, keyPath string) Option {
	return textOption(ErrInvalidArgument, "WithClientCertificateFile", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_client_certificate(core.pointer, t.at(0), t.at(1))
	}, certificatePath, keyPath)
}

// WithClientCertificate sets the certificate for servers that request one, and its private key, from
// memory.
func WithClientCertificate(certificatePEM, keyPEM []byte) Option {
	return textOption(ErrCertificate, "WithClientCertificate", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_client_certificate_pem(core.pointer, t.at(0), t.at(1))
	}, string(certificatePEM), string(keyPEM))
}

// WithPinnedKeys sets the public keys that a server may have, in addition to the verification of its
// certificate. A call to a server with another key ends with [ErrTLS], and the error names the key that
// was found. This applies to https, also after a redirect; a redirect to http is refused. Through a
// proxy, it applies to the server, not to the proxy. It also applies to a token server (OAuth 2.0). One
// or more keys in the form of curl, sha256//BASE64;sha256//BASE64: each is the SHA-256 digest of the
// SubjectPublicKeyInfo of the server's own certificate (RFC 7469 section 2.4). "" removes all, the
// default.
func WithPinnedKeys(pins string) Option {
	return textOption(ErrInvalidArgument, "WithPinnedKeys", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_pinned_keys(core.pointer, t.orNull(0))
	}, pins)
}

// WithMinTLS sets the oldest TLS version that is accepted. tls.VersionTLS12, the default, or
// tls.VersionTLS13.
func WithMinTLS(version uint16) Option {
	return tlsOption("WithMinTLS", version, func(core *core, version C.int32_t) C.sac_code {
		return C.sac_set_min_tls(core.pointer, version)
	})
}

// WithCookieJar sets whether the client keeps cookies from servers and sends them back (RFC 6265bis).
// The cookies belong to the scope: a clone starts with a copy, and a reset deletes them. A cookie that
// the program added takes precedence over a kept one of the same name, and a request with its own Cookie
// field gets none. Cookies for a public suffix such as com or co.uk are refused. The list is that of
// publicsuffix.org from the time when the library was built. false also deletes the kept cookies.
// Default: false.
func WithCookieJar(keep bool) Option {
	return flagOption("WithCookieJar", keep, func(core *core, flag C.bool) C.sac_code {
		return C.sac_set_cookie_jar(core.pointer, flag)
	})
}

// WithProxy sets the proxy for all requests. By default, the environment is read when the client is
// created: http_proxy, https_proxy, all_proxy, and no_proxy with names, suffixes, addresses and networks
// (CIDR), each also in capitals. A CGI process ignores HTTP_PROXY, and a set-user-ID program ignores all
// of them. If a proxy from the environment is not usable, each call that needs it ends with [ErrProxy].
// A URL with the scheme http, https, socks4, socks4a, socks5 or socks5h (with 4a and 5h the proxy looks
// names up), with user:password@ if the proxy needs it; or only a host and a port, for http. "" means no
// proxy. The default is the environment at the time when the client was created.
func WithProxy(url string) Option {
	return textOption(ErrInvalidURL, "WithProxy", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_proxy(core.pointer, t.at(0))
	}, url)
}

// WithUnixSocket sets the Unix domain socket for all connections, for local services such as Docker. The
// base URL still sets Host and the base path. No proxy is used, and redirects use the same socket. The
// path of the socket, at most 107 bytes. "" uses none, the default.
func WithUnixSocket(path string) Option {
	return textOption(ErrInvalidArgument, "WithUnixSocket", func(core *core, t *cStrings) C.sac_code {
		return C.sac_set_unix_socket(core.pointer, t.orNull(0))
	}, path)
}

// WithConnectionMaxAge sets the age from which a connection is not used for another request. The next
// request opens a new connection and looks the host name up again, so it finds a server that has moved.
// A running request is not interrupted. A random part of a tenth is added to the age for each
// connection, so that connections that were opened together do not close together. 0 disables it. Times
// are rounded up to whole milliseconds. Default: 300 s.
func WithConnectionMaxAge(span time.Duration) Option {
	return durationOption("WithConnectionMaxAge", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_connection_max_age_ms(core.pointer, ms)
	})
}

// Timeout is like [WithTimeout], but only for this request.
func Timeout(span time.Duration) RequestOption {
	return durationStep("Timeout", C.GOSAC_TIMEOUT_MS, span)
}

// ConnectTimeout is like [WithConnectTimeout], but only for this request.
func ConnectTimeout(span time.Duration) RequestOption {
	return durationStep("ConnectTimeout", C.GOSAC_CONNECT_TIMEOUT_MS, span)
}

// ReadTimeout is like [WithReadTimeout], but only for this request.
func ReadTimeout(span time.Duration) RequestOption {
	return durationStep("ReadTimeout", C.GOSAC_READ_TIMEOUT_MS, span)
}

// Deadline is like [WithDeadline], but only for this request.
func Deadline(span time.Duration) RequestOption {
	return deadlineStep("Deadline", C.GOSAC_DEADLINE_MS, span)
}

// Retries is like [WithRetries], but only for this request.
func Retries(retries int) RequestOption {
	return countStep("Retries", C.GOSAC_RETRY_ATTEMPTS, retries)
}

// Backoff is like [WithBackoff], but only for this request.
func Backoff(base, longest time.Duration) RequestOption {
	return spanStep("Backoff", C.GOSAC_BACKOFF_MS, base, longest)
}

// RetryStatuses is like [WithRetryStatuses], but only for this request.
func RetryStatuses(statuses ...int) RequestOption {
	return statusesStep("RetryStatuses", C.GOSAC_RETRY_STATUSES, statuses)
}

// MaxBody is like [WithMaxBody], but only for this request.
func MaxBody(bytes int64) RequestOption {
	return bytesStep("MaxBody", C.GOSAC_MAX_BODY_BYTES, bytes)
}

// Redirects is like [WithRedirects], but only for this request.
func Redirects(max int) RequestOption {
	return countStep("Redirects", C.GOSAC_REDIRECTS, max)
}

// Verify is like [WithVerify], but only for this request.
func Verify(verify bool) RequestOption {
	return flagStep("Verify", C.GOSAC_VERIFY, verify)
}

// KeepAlive sets whether other requests may use the connection of this request. false opens a new
// connection, sends Connection: close (RFC 9112 section 9.6) and closes the connection after the
// response, for each attempt and each redirect. Default: true.
func KeepAlive(keep bool) RequestOption {
	return flagStep("KeepAlive", C.GOSAC_KEEP_ALIVE, keep)
}

// settingName is the name of the option of a step; "" if the step is not a setting.
func settingName(step byte) string {
	switch step {
	case C.GOSAC_TIMEOUT_MS:
		return "Timeout"
	case C.GOSAC_CONNECT_TIMEOUT_MS:
		return "ConnectTimeout"
	case C.GOSAC_READ_TIMEOUT_MS:
		return "ReadTimeout"
	case C.GOSAC_DEADLINE_MS:
		return "Deadline"
	case C.GOSAC_RETRY_ATTEMPTS:
		return "Retries"
	case C.GOSAC_BACKOFF_MS:
		return "Backoff"
	case C.GOSAC_RETRY_STATUSES:
		return "RetryStatuses"
	case C.GOSAC_MAX_BODY_BYTES:
		return "MaxBody"
	case C.GOSAC_REDIRECTS:
		return "Redirects"
	case C.GOSAC_VERIFY:
		return "Verify"
	case C.GOSAC_KEEP_ALIVE:
		return "KeepAlive"
	}
	return ""
}
