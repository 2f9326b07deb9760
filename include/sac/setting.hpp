/// @file
/// Settings, one class each, to be given in any order to a client, a request or a call.
// Generated from interface/settings.toml by `make interface`. Do not edit.
#ifndef SAC_SETTING_HPP
#define SAC_SETTING_HPP

#include <sac/code.hpp>
#include <sac/duration.hpp>
#include <sac/option_kind.hpp>

#include <cstdint>

namespace sac {

/// The time limit of one attempt, from the DNS lookup to the last byte, redirects included. An
/// endless response, such as a watch, needs 0. 0 disables it. Default: 30 s.
class Timeout
    : public detail::NumberOption<std::uint64_t, sac_set_timeout_ms, sac_request_set_timeout_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit Timeout(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}
};

/// The time limit of DNS lookup, connect and TLS handshake together. 0 disables it. Default: 10 s.
class ConnectTimeout
    : public detail::NumberOption<std::uint64_t, sac_set_connect_timeout_ms, sac_request_set_connect_timeout_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit ConnectTimeout(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}
};

/// How long the server may be silent, before its response or within it. Each byte starts the time
/// again. It never extends `Timeout`. 0 disables it. Default: 0.
class ReadTimeout
    : public detail::NumberOption<std::uint64_t, sac_set_read_timeout_ms, sac_request_set_read_timeout_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit ReadTimeout(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}
};

/// The time limit of a whole call, retries and waits included. A wait that would exceed it does not
/// start: the call ends at once with the last response, or with `Code::timeout`. 0 disables it.
/// Default: 0.
class Deadline
    : public detail::NumberOption<std::uint64_t, sac_set_deadline_ms, sac_request_set_deadline_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit Deadline(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}

    /// Up to a point in time, counted from the making of this option.
    explicit Deadline(std::chrono::steady_clock::time_point end) noexcept
        : Deadline(detail::time_left(end))
    {
    }
};

/// How many attempts may follow the first one. Only what may be sent twice without harm is retried:
/// what was never sent, what the server turned away (429, a 403 that is a rate limit, 503 with
/// `Retry-After`), and idempotent requests (RFC 9110 section 9.2.2, RFC 10008). A request with an
/// idempotency key counts as idempotent. One repetition does not count and happens at 0 too: if the
/// server has closed a kept connection before a byte of the response came, a request that was not
/// sent, or is idempotent, is sent once more on a new connection (RFC 9112 section 9.3.1). A 408
/// that closes such a connection counts as that. While a delay that the server has named lasts,
/// other calls of this client and its clones to the same path wait for its end too, within their
/// deadline; calls without retries do not. 0 disables retries. Default: 0.
class Retries
    : public detail::NumberOption<std::uint32_t, sac_set_retry_attempts, sac_request_set_retry_attempts> {
public:
    /// `retries`: 3 means up to four requests.
    explicit Retries(std::uint32_t retries) noexcept : NumberOption(retries) {}
};

/// How long to wait before a retry if the server names no delay: a random part of a span that
/// starts at `base` and doubles up to `max`. After a 429 or 503 the span starts at one second, if
/// `base` is not longer, and at least half of it is waited. Default: 100 ms and 20 s.
class Backoff : public detail::SpanOption<sac_set_backoff_ms, sac_request_set_backoff_ms> {
public:
    using SpanOption::SpanOption;
};

/// The statuses that are worth another attempt. 429 includes a 403 that is a rate limit: one with
/// `Retry-After`, or with `x-ratelimit-remaining: 0`. Default: 429, 500, 502, 503, 504.
class RetryStatuses
    : public detail::StatusesOption<sac_set_retry_statuses, sac_request_set_retry_statuses> {
public:
    using StatusesOption::StatusesOption;
};

/// The longest delay named by a server (`Retry-After` and its relatives) that is waited for. If the
/// delay is longer, the call ends at once with that response, and no other call waits for it. A
/// delay of more than ten years counts as a mistake of the server, as if it had named none.
/// Default: 120 s. For a client.
class RetryAfterMax : public detail::ClientNumberOption<std::uint64_t, sac_set_retry_after_max_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit RetryAfterMax(detail::Milliseconds time) noexcept : ClientNumberOption(time.count()) {}
};

/// The limit on the requests of this client and all its clones together. Calls wait for their turn.
/// A call whose wait would exceed its deadline ends with `Code::rate_limited`. Processes that are
/// forked afterwards share the limit with their parent and with each other. A process that sets
/// another limit has its own from then on; setting the same one again changes nothing. For a
/// client.
class RateLimit : public detail::RateOption<sac_set_rate_limit> {
public:
    using RateOption::RateOption;
};

/// The largest body that is accepted. A larger one ends the call with `Code::too_large`; so does
/// one that does not fit into memory. A body that goes to a file or a callback has no limit by
/// default, but a compressed one may become at most 256 MiB, or 1000 times the bytes that came if
/// that is more. 0 disables the limit. Default: 256 MiB.
class MaxBodyBytes
    : public detail::NumberOption<std::uint64_t, sac_set_max_body_bytes, sac_request_set_max_body_bytes> {
public:
    /// `bytes`: counted after content coding is undone.
    explicit MaxBodyBytes(std::uint64_t bytes) noexcept : NumberOption(bytes) {}
};

/// How many redirects are followed. One more ends the call with `Code::redirect`. Another origin
/// (scheme, host or port) gets no credentials, no client certificate, no cookies that the program
/// has set, and no header field but a list of harmless ones. A 307 or 308 sends it the body (RFC
/// 9110 section 15.4); 0 refuses that. 0 returns the 3xx itself. Default: 10.
class Redirects
    : public detail::NumberOption<std::uint32_t, sac_set_redirects, sac_request_set_redirects> {
public:
    /// `max`: the new value.
    explicit Redirects(std::uint32_t max) noexcept : NumberOption(max) {}
};

/// The value of the `User-Agent` field. For a client.
class UserAgent : public detail::OptionalTextOption<sac_set_user_agent> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// The default again, `libsac/<version>`.
    static UserAgent standard() { return UserAgent(); }

private:
    UserAgent() = default;
};

/// Whether the certificate of the server is verified (RFC 5280, RFC 9525). Default: true.
class Verify : public detail::NumberOption<bool, sac_set_verify, sac_request_set_verify> {
public:
    /// `verify`: false accepts any certificate, and with it anyone between you and the server.
    explicit Verify(bool verify) noexcept : NumberOption(verify) {}
};

/// The certificate authorities that are trusted, in place of those of the system, from a file. For
/// a client.
class CaFile : public detail::TextOption<sac_set_ca_file> {
public:
    using TextOption::TextOption;
};

/// The certificate authorities that are trusted, in place of those of the system, from memory. The
/// certificate of a server may be given itself, self-signed or not: it is trusted for the names
/// that it bears. For a client.
class CaPem : public detail::TextOption<sac_set_ca_pem> {
public:
    using TextOption::TextOption;
};

/// The certificate that is shown to servers that ask for one, and its private key, from files. On a
/// redirect to another origin the certificate stays behind, for the rest of the call. For a client.
class ClientCertificate : public detail::PairOption<sac_set_client_certificate> {
public:
    using PairOption::PairOption;
};

/// The certificate that is shown to servers that ask for one, and its private key, from memory. For
/// a client.
class ClientCertificatePem : public detail::PairOption<sac_set_client_certificate_pem> {
public:
    using PairOption::PairOption;
};

/// The oldest TLS version that is accepted. Default: 1.2. For a client.
class MinTls : public detail::TlsOption<sac_set_min_tls> {
public:
    using TlsOption::TlsOption;
};

/// Whether the cookies that servers set are kept and sent back to them (RFC 6265bis). They belong
/// to the scope: a clone starts with its own copy, and a reset empties it. A cookie that the
/// program has added goes before one of the same name, and a request with its own `Cookie` field
/// gets none. No cookie is taken for a public suffix such as `com` or `co.uk`, by the list of
/// publicsuffix.org as it was when the library was built. Default: false. For a client.
class CookieJar : public detail::ClientNumberOption<bool, sac_set_cookie_jar> {
public:
    /// `keep`: false also forgets those that are kept.
    explicit CookieJar(bool keep) noexcept : ClientNumberOption(keep) {}
};

/// The proxy that requests go through. The environment is read when the client is created:
/// `http_proxy`, `https_proxy`, `all_proxy`, and `no_proxy` with names, suffixes, addresses and
/// networks (CIDR), each also in capitals. `HTTP_PROXY` counts for nothing in a CGI process, and
/// the environment for nothing in a set-user-ID program. If a proxy that the environment names
/// cannot be used, each call that it is for ends with `Code::proxy`. For a client.
class Proxy : public detail::OptionalTextOption<sac_set_proxy> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// No proxy.
    static Proxy none() { return Proxy(""); }

    /// What the environment says now, the default.
    static Proxy from_environment() { return Proxy(); }

private:
    Proxy() = default;
};

/// The Unix domain socket that all connections go to, as local services such as Docker have one.
/// The base URL still gives `Host` and base path. Proxies are not used, and redirects stay on the
/// socket. For a client.
class UnixSocket : public detail::OptionalTextOption<sac_set_unix_socket> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// None, the default.
    static UnixSocket none() { return UnixSocket(); }

private:
    UnixSocket() = default;
};

/// How old a connection may become before it is not used for another request. The next request
/// opens a new connection, looks the host name up again, and so finds a server that has moved. A
/// request that is under way is not cut off. A random part of a tenth is added for each connection,
/// so that connections that were opened together are not closed together. 0 disables it. Default:
/// 300 s. For a client.
class ConnectionMaxAge
    : public detail::ClientNumberOption<std::uint64_t, sac_set_connection_max_age_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit ConnectionMaxAge(detail::Milliseconds time) noexcept : ClientNumberOption(time.count()) {}
};

/// Whether other requests may use the connection of this one. Default: true. For a request.
class KeepAlive : public detail::RequestNumberOption<bool, sac_request_set_keep_alive> {
public:
    /// `keep`: false opens a new connection, sends `Connection: close` (RFC 9112 section 9.6) and
    /// closes the connection after the response, for each attempt and each redirect.
    explicit KeepAlive(bool keep) noexcept : RequestNumberOption(keep) {}
};

}  // namespace sac

#endif
