// Generated from interface/settings.toml by `make interface`. Do not edit.

package sac

// #include "shim.h"
import "C"

import (
	"strconv"
	"time"
)

// WithTimeout sets the time limit of one attempt, from the DNS lookup to the last byte, redirects
// included. An endless response, such as a watch, needs 0. 0 disables it. Times are rounded up to whole
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

// WithReadTimeout sets how long the server may be silent, before its response or within it. Each byte
// starts the time again. It never extends [WithTimeout]. 0 disables it. Times are rounded up to whole
// milliseconds. Default: 0.
func WithReadTimeout(span time.Duration) Option {
	return durationOption("WithReadTimeout", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_read_timeout_ms(core.pointer, ms)
	})
}

// WithDeadline sets the time limit of a whole call, retries and waits included. A wait that would exceed
// it does not start: the call ends at once with the last response, or with [ErrTimeout]. 0 disables it.
// Times are rounded up to whole milliseconds. Default: 0.
func WithDeadline(span time.Duration) Option {
	return deadlineOption("WithDeadline", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_deadline_ms(core.pointer, ms)
	})
}

// WithRetries sets how many attempts may follow the first one. Only what may be sent twice without harm
// is retried: what was never sent, what the server turned away (429, a 403 that is a rate limit, 503
// with Retry-After), and idempotent requests (RFC 9110 section 9.2.2, RFC 10008). A request with an
// idempotency key counts as idempotent. One repetition does not count and happens at 0 too: if the
// server has closed a kept connection before a byte of the response came, a request that was not sent,
// or is idempotent, is sent once more on a new connection (RFC 9112 section 9.3.1). A 408 that closes
// such a connection counts as that. While a delay that the server has named lasts, other calls of this
// client and its clones to the same path wait for its end too, within their deadline; calls without
// retries do not. 3 means up to four requests. 0 disables retries. Default: 0.
func WithRetries(retries int) Option {
	return countOption("WithRetries", retries, func(core *core, count C.uint32_t) C.sac_code {
		return C.sac_set_retry_attempts(core.pointer, count)
	})
}

// WithBackoff sets how long to wait before a retry if the server names no delay: a random part of a span
// that starts at base and doubles up to max. After a 429 or 503 the span starts at one second, if base
// is not longer, and at least half of it is waited. Times are rounded up to whole milliseconds. Default:
// 100 ms and 20 s.
func WithBackoff(base, longest time.Duration) Option {
	return spanOption("WithBackoff", base, longest, func(core *core, base, longest C.uint64_t) C.sac_code {
		return C.sac_set_backoff_ms(core.pointer, base, longest)
	})
}

// WithRetryStatuses sets the statuses that are worth another attempt. 429 includes a 403 that is a rate
// limit: one with Retry-After, or with x-ratelimit-remaining: 0. Default: 429, 500, 502, 503, 504.
func WithRetryStatuses(statuses ...int) Option {
	return statusesOption("WithRetryStatuses", statuses, func(core *core, statuses *C.uint16_t, count C.size_t) C.sac_code {
		return C.sac_set_retry_statuses(core.pointer, statuses, count)
	})
}

// WithRetryAfterMax sets the longest delay named by a server (Retry-After and its relatives) that is
// waited for. If the delay is longer, the call ends at once with that response, and no other call waits
// for it. A delay of more than ten years counts as a mistake of the server, as if it had named none.
// Times are rounded up to whole milliseconds. Default: 120 s.
func WithRetryAfterMax(span time.Duration) Option {
	return durationOption("WithRetryAfterMax", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_retry_after_max_ms(core.pointer, ms)
	})
}

// WithRateLimit sets the limit on the requests of this client and all its clones together. Calls wait
// for their turn. A call whose wait would exceed its deadline ends with [ErrRateLimited]. Processes that
// are forked afterwards share the limit with their parent and with each other. A process that sets
// another limit has its own from then on; setting the same one again changes nothing. 0 disables the
// limit. burst: how many may go at once after a pause, the rest evenly; 1 spaces all evenly.
func WithRateLimit(requests int, per time.Duration, burst int) Option {
	return rateOption("WithRateLimit", requests, per, burst, func(core *core, requests C.uint32_t, per C.uint64_t, burst C.uint32_t) C.sac_code {
		return C.sac_set_rate_limit(core.pointer, requests, per, burst)
	})
}

// WithMaxBody sets the largest body that is accepted. A larger one ends the call with [ErrTooLarge]; so
// does one that does not fit into memory. A body that goes to a file or a callback has no limit by
// default, but a compressed one may become at most 256 MiB, or 1000 times the bytes that came if that is
// more. Counted after content coding is undone. 0 disables the limit. Default: 256 MiB.
func WithMaxBody(bytes int64) Option {
	return bytesOption("WithMaxBody", bytes, func(core *core, bytes C.uint64_t) C.sac_code {
		return C.sac_set_max_body_bytes(core.pointer, bytes)
	})
}

// WithRedirects sets how many redirects are followed. One more ends the call with [ErrRedirect]. Another
// origin (scheme, host or port) gets no credentials, no client certificate, no cookies that the program
// has set, and no header field but a list of harmless ones. A 307 or 308 sends it the body (RFC 9110
// section 15.4); 0 refuses that. 0 returns the 3xx itself. Default: 10.
func WithRedirects(max int) Option {
	return countOption("WithRedirects", max, func(core *core, count C.uint32_t) C.sac_code {
		return C.sac_set_redirects(core.pointer, count)
	})
}

// WithUserAgent sets the value of the User-Agent field. "" restores the default, libsac/<version>.
func WithUserAgent(value string) Option {
	return textOption(ErrInvalidHeader, "WithUserAgent", func(core *core, t *texts) C.sac_code {
		return C.sac_set_user_agent(core.pointer, t.orNull(0))
	}, value)
}

// WithVerify sets whether the certificate of the server is verified (RFC 5280, RFC 9525). false accepts
// any certificate, and with it anyone between you and the server. Default: true.
func WithVerify(verify bool) Option {
	return flagOption("WithVerify", verify, func(core *core, flag C.bool) C.sac_code {
		return C.sac_set_verify(core.pointer, flag)
	})
}

// WithCAFile sets the certificate authorities that are trusted, in place of those of the system, from a
// file. A file with one or more PEM certificates (RFC 7468), read now; the form TRUSTED CERTIFICATE of
// OpenSSL is refused.
func WithCAFile(path string) Option {
	return textOption(ErrInvalidArgument, "the file "+strconv.Quote(path), func(core *core, t *texts) C.sac_code {
		return C.sac_set_ca_file(core.pointer, t.at(0))
	}, path)
}

// WithCAPEM sets the certificate authorities that are trusted, in place of those of the system, from
// memory. The certificate of a server may be given itself, self-signed or not: it is trusted for the
// names that it bears. One or more PEM certificates (RFC 7468).
func WithCAPEM(pem []byte) Option {
	return textOption(ErrCertificate, "WithCAPEM", func(core *core, t *texts) C.sac_code {
		return C.sac_set_ca_pem(core.pointer, t.at(0))
	}, string(pem))
}

// WithClientCertificateFile sets the certificate that is shown to servers that ask for one, and its
// private key, from files. On a redirect to another origin the certificate stays behind, for the rest of
// the call.
func WithClientCertificateFile(certificatePath, keyPath string) Option {
	return textOption(ErrInvalidArgument, "WithClientCertificateFile", func(core *core, t *texts) C.sac_code {
		return C.sac_set_client_certificate(core.pointer, t.at(0), t.at(1))
	}, certificatePath, keyPath)
}

// WithClientCertificate sets the certificate that is shown to servers that ask for one, and its private
// key, from memory.
func WithClientCertificate(certificatePEM, keyPEM []byte) Option {
	return textOption(ErrCertificate, "WithClientCertificate", func(core *core, t *texts) C.sac_code {
		return C.sac_set_client_certificate_pem(core.pointer, t.at(0), t.at(1))
	}, string(certificatePEM), string(keyPEM))
}

// WithMinTLS sets the oldest TLS version that is accepted. tls.VersionTLS12, the default, or
// tls.VersionTLS13.
func WithMinTLS(version uint16) Option {
	return tlsOption("WithMinTLS", version, func(core *core, version C.int32_t) C.sac_code {
		return C.sac_set_min_tls(core.pointer, version)
	})
}

// WithCookieJar sets whether the cookies that servers set are kept and sent back to them (RFC 6265bis).
// They belong to the scope: a clone starts with its own copy, and a reset empties it. A cookie that the
// program has added goes before one of the same name, and a request with its own Cookie field gets none.
// No cookie is taken for a public suffix such as com or co.uk, by the list of publicsuffix.org as it was
// when the library was built. false also forgets those that are kept. Default: false.
func WithCookieJar(keep bool) Option {
	return flagOption("WithCookieJar", keep, func(core *core, flag C.bool) C.sac_code {
		return C.sac_set_cookie_jar(core.pointer, flag)
	})
}

// WithProxy sets the proxy that requests go through. The environment is read when the client is created:
// http_proxy, https_proxy, all_proxy, and no_proxy with names, suffixes, addresses and networks (CIDR),
// each also in capitals. HTTP_PROXY counts for nothing in a CGI process, and the environment for nothing
// in a set-user-ID program. If a proxy that the environment names cannot be used, each call that it is
// for ends with [ErrProxy]. A URL with the scheme http, https, socks4, socks4a, socks5 or socks5h (with
// 4a and 5h the proxy looks names up), with user:password@ if the proxy wants it, or a host and a port
// alone, which is http. "" for none; unless set, what the environment said when the client was made.
func WithProxy(url string) Option {
	return textOption(ErrInvalidURL, "WithProxy", func(core *core, t *texts) C.sac_code {
		return C.sac_set_proxy(core.pointer, t.at(0))
	}, url)
}

// WithUnixSocket sets the Unix domain socket that all connections go to, as local services such as
// Docker have one. The base URL still gives Host and base path. Proxies are not used, and redirects stay
// on the socket. The path of the socket, at most 107 bytes. "" uses none, the default.
func WithUnixSocket(path string) Option {
	return textOption(ErrInvalidArgument, "WithUnixSocket", func(core *core, t *texts) C.sac_code {
		return C.sac_set_unix_socket(core.pointer, t.orNull(0))
	}, path)
}

// WithConnectionMaxAge sets how old a connection may become before it is not used for another request.
// The next request opens a new connection, looks the host name up again, and so finds a server that has
// moved. A request that is under way is not cut off. A random part of a tenth is added for each
// connection, so that connections that were opened together are not closed together. 0 disables it.
// Times are rounded up to whole milliseconds. Default: 300 s.
func WithConnectionMaxAge(span time.Duration) Option {
	return durationOption("WithConnectionMaxAge", span, func(core *core, ms C.uint64_t) C.sac_code {
		return C.sac_set_connection_max_age_ms(core.pointer, ms)
	})
}

// Timeout is [WithTimeout] for this request alone.
func Timeout(span time.Duration) RequestOption {
	return durationStep("Timeout", C.GOSAC_TIMEOUT_MS, span)
}

// ConnectTimeout is [WithConnectTimeout] for this request alone.
func ConnectTimeout(span time.Duration) RequestOption {
	return durationStep("ConnectTimeout", C.GOSAC_CONNECT_TIMEOUT_MS, span)
}

// ReadTimeout is [WithReadTimeout] for this request alone.
func ReadTimeout(span time.Duration) RequestOption {
	return durationStep("ReadTimeout", C.GOSAC_READ_TIMEOUT_MS, span)
}

// Deadline is [WithDeadline] for this request alone.
func Deadline(span time.Duration) RequestOption {
	return deadlineStep("Deadline", C.GOSAC_DEADLINE_MS, span)
}

// Retries is [WithRetries] for this request alone.
func Retries(retries int) RequestOption {
	return countStep("Retries", C.GOSAC_RETRY_ATTEMPTS, retries)
}

// Backoff is [WithBackoff] for this request alone.
func Backoff(base, longest time.Duration) RequestOption {
	return spanStep("Backoff", C.GOSAC_BACKOFF_MS, base, longest)
}

// RetryStatuses is [WithRetryStatuses] for this request alone.
func RetryStatuses(statuses ...int) RequestOption {
	return statusesStep("RetryStatuses", C.GOSAC_RETRY_STATUSES, statuses)
}

// MaxBody is [WithMaxBody] for this request alone.
func MaxBody(bytes int64) RequestOption {
	return bytesStep("MaxBody", C.GOSAC_MAX_BODY_BYTES, bytes)
}

// Redirects is [WithRedirects] for this request alone.
func Redirects(max int) RequestOption {
	return countStep("Redirects", C.GOSAC_REDIRECTS, max)
}

// Verify is [WithVerify] for this request alone.
func Verify(verify bool) RequestOption {
	return flagStep("Verify", C.GOSAC_VERIFY, verify)
}

// KeepAlive sets whether other requests may use the connection of this one. false opens a new
// connection, sends Connection: close (RFC 9112 section 9.6) and closes the connection after the
// response, for each attempt and each redirect. Default: true.
func KeepAlive(keep bool) RequestOption {
	return flagStep("KeepAlive", C.GOSAC_KEEP_ALIVE, keep)
}

// settingName is what the option of a step is called; "" if the step is no setting.
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
