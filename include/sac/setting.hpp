/// @file
/// Settings, one class each. You can give them to a client, a request or a call, in any order.
// Generated from interface/settings.toml by `make interface`. Do not edit.
#ifndef SAC_SETTING_HPP
#define SAC_SETTING_HPP

#include <sac/code.hpp>
#include <sac/duration.hpp>
#include <sac/option_kind.hpp>

#include <cstdint>

namespace sac {

/// The time limit of one attempt, from the DNS lookup to the last byte, with redirects. An endless
/// response, such as a watch, needs 0. 0 disables it. Default: 30 s.
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

/// The longest time without data from the server, before or within its response. Each byte restarts
/// the time. It never extends `Timeout`. 0 disables it. Default: 0.
class ReadTimeout
    : public detail::NumberOption<std::uint64_t, sac_set_read_timeout_ms, sac_request_set_read_timeout_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit ReadTimeout(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}
};

/// The time limit of a whole call, with retries and waits. If a wait would exceed it, the call ends
/// at once with the last response, or with `Code::timeout`. 0 disables it. Default: 0.
class Deadline
    : public detail::NumberOption<std::uint64_t, sac_set_deadline_ms, sac_request_set_deadline_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit Deadline(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}

    /// Up to a point in time; the remaining time counts from the creation of this option.
    explicit Deadline(std::chrono::steady_clock::time_point end) noexcept
        : Deadline(detail::time_left(end))
    {
    }
};

/// The largest number of attempts after the first one. Only requests that are safe to send twice
/// are retried: requests that were never sent, requests that the server refused (429, a 403 that is
/// a rate limit, 503 with `Retry-After`), and idempotent requests (RFC 9110 section 9.2.2, RFC
/// 10008). A request with an idempotency key counts as idempotent. One repetition does not count
/// and also happens at 0. If the server closes a kept connection before the first byte of the
/// response, the request is sent once more on a new connection, if it was not sent or is idempotent
/// (RFC 9112 section 9.3.1). A 408 that closes such a connection has the same effect. If the server
/// asks for a delay, other calls of this client and its clones to the same path also wait, within
/// their deadline. Calls without retries do not wait. 0 disables retries. Default: 0.
class Retries
    : public detail::NumberOption<std::uint32_t, sac_set_retry_attempts, sac_request_set_retry_attempts> {
public:
    /// `retries`: 3 means up to four requests.
    explicit Retries(std::uint32_t retries) noexcept : NumberOption(retries) {}
};

/// The wait before a retry if the server asks for no delay: a random part of a limit that starts at
/// `base` and doubles up to `max`. After a 429 or 503 the limit starts at one second, or at `base`
/// if that is longer, and the wait is at least half of it. Default: 100 ms and 20 s.
class Backoff : public detail::SpanOption<sac_set_backoff_ms, sac_request_set_backoff_ms> {
public:
    using SpanOption::SpanOption;
};

/// The statuses that allow another attempt. 429 includes a 403 that is a rate limit: one with
/// `Retry-After`, or with `x-ratelimit-remaining: 0`. Default: 429, 500, 502, 503, 504.
class RetryStatuses
    : public detail::StatusesOption<sac_set_retry_statuses, sac_request_set_retry_statuses> {
public:
    using StatusesOption::StatusesOption;
};

/// The longest delay from a server (`Retry-After` and similar fields) that a call waits for. If the
/// delay is longer, the call ends at once with that response, and no other call waits. A delay of
/// more than ten years is ignored. Default: 120 s. For a client.
class RetryAfterMax : public detail::ClientNumberOption<std::uint64_t, sac_set_retry_after_max_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit RetryAfterMax(detail::Milliseconds time) noexcept : ClientNumberOption(time.count()) {}
};

/// The budget for the retries of this client and all its clones together, which protects a server
/// that fails. A retry takes 14 tokens, or 5 if the server limits the rate. A call that needs no
/// retry gives one token back, and a retry that succeeds gives back what it has taken. A status
/// below 500 that is no rate limit counts as a success. Without enough tokens, a call ends with its
/// last response or error. 0 allows every retry. Default: 500. For a client.
class RetryBudget : public detail::ClientNumberOption<std::uint32_t, sac_set_retry_budget> {
public:
    /// `tokens`: the number of tokens, also at the start.
    explicit RetryBudget(std::uint32_t tokens) noexcept : ClientNumberOption(tokens) {}
};

/// The limit on the requests of this client and all its clones together. Calls wait for their turn.
/// A call whose wait would exceed its deadline ends with `Code::rate_limited`. Processes that are
/// forked later share the limit with their parent and with each other. If a process sets a
/// different limit, it has its own from then on. If it sets the same limit again, nothing changes.
/// For a client.
class RateLimit : public detail::RateOption<sac_set_rate_limit> {
public:
    using RateOption::RateOption;
};

/// The largest body that is accepted. A body that is larger, or does not fit into memory, ends the
/// call with `Code::too_large`. A body to a file or a callback has no limit by default, but a
/// compressed one may expand to at most 256 MiB, or 1000 times the received bytes if that is more.
/// 0 disables the limit. Default: 256 MiB.
class MaxBodyBytes
    : public detail::NumberOption<std::uint64_t, sac_set_max_body_bytes, sac_request_set_max_body_bytes> {
public:
    /// `bytes`: counted after content decoding.
    explicit MaxBodyBytes(std::uint64_t bytes) noexcept : NumberOption(bytes) {}
};

/// The largest number of redirects that a call follows. More redirects end the call with
/// `Code::redirect`. Another origin (scheme, host or port) gets no credentials, no client
/// certificate, no cookies that the program set, and only harmless header fields. A 307 or 308
/// sends it the body (RFC 9110 section 15.4); 0 prevents that. 0 returns the 3xx itself. Default:
/// 10.
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

    /// Restores the default, `libsac/<version>`.
    static UserAgent standard() { return UserAgent(); }

private:
    UserAgent() = default;
};

/// Whether the certificate of the server is verified (RFC 5280, RFC 9525). Default: true.
class Verify : public detail::NumberOption<bool, sac_set_verify, sac_request_set_verify> {
public:
    /// `verify`: false accepts any certificate, so anyone on the network path can read and change
    /// everything.
    explicit Verify(bool verify) noexcept : NumberOption(verify) {}
};

/// The trusted certificate authorities from a file, instead of those of the system. The file is
/// examined before each TLS handshake, and read again if it has changed. If it is then not usable,
/// the last authorities stay, and the log says why. Kept connections are not affected. For a
/// client.
class CaFile : public detail::TextOption<sac_set_ca_file> {
public:
    using TextOption::TextOption;
};

/// The trusted certificate authorities from memory, instead of those of the system. You may also
/// give the server's own certificate, self-signed or not. It is then trusted for the names in it.
/// For a client.
class CaPem : public detail::TextOption<sac_set_ca_pem> {
public:
    using TextOption::TextOption;
};

/// The password for an encrypted key (PKCS #8, RFC 5958) of a client certificate that is set
/// afterwards. The encryption is PBES2 with AES, by PBKDF2 with SHA-2 or by scrypt (RFC 8018, RFC
/// 7914), as OpenSSL 1.1 and later write it. Other keys are refused;
/// `openssl pkcs8 -topk8 -v2 aes-256-cbc` converts them. No log line and no error text contains the
/// password. For a client.
class ClientCertificatePassword
    : public detail::OptionalTextOption<sac_set_client_certificate_password> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// None, the default.
    static ClientCertificatePassword none() { return ClientCertificatePassword(); }

private:
    ClientCertificatePassword() = default;
};

/// The certificate for servers that request one, and its private key, from files. After a redirect
/// to another origin, the certificate is not used for the rest of the call. Both files are examined
/// before each TLS handshake, and read again if one has changed. If they are then not usable, for
/// example because the new key is not there yet, the last pair stays, and the log says why. Kept
/// connections keep the certificate of their handshake. For a client.
class ClientCertificate : public detail::PairOption<sac_set_client_certificate> {
public:
    using PairOption::PairOption;
};

/// The certificate for servers that request one, and its private key, from memory. For a client.
class ClientCertificatePem : public detail::PairOption<sac_set_client_certificate_pem> {
public:
    using PairOption::PairOption;
};

/// The public keys that a server may have, in addition to the verification of its certificate. A
/// call to a server with another key ends with `Code::tls`, and the error names the key that was
/// found. This applies to https, also after a redirect; a redirect to http is refused. Through a
/// proxy, it applies to the server, not to the proxy. It also applies to a token server (OAuth
/// 2.0). For a client.
class PinnedKeys : public detail::OptionalTextOption<sac_set_pinned_keys> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// None, the default.
    static PinnedKeys none() { return PinnedKeys(); }

private:
    PinnedKeys() = default;
};

/// The oldest TLS version that is accepted. Default: 1.2. For a client.
class MinTls : public detail::TlsOption<sac_set_min_tls> {
public:
    using TlsOption::TlsOption;
};

/// Whether the client keeps cookies from servers and sends them back (RFC 6265bis). The cookies
/// belong to the scope: a clone starts with a copy, and a reset deletes them. A cookie that the
/// program added takes precedence over a kept one of the same name, and a request with its own
/// `Cookie` field gets none. Cookies for a public suffix such as `com` or `co.uk` are refused. The
/// list is that of publicsuffix.org from the time when the library was built. Default: false. For a
/// client.
class CookieJar : public detail::ClientNumberOption<bool, sac_set_cookie_jar> {
public:
    /// `keep`: false also deletes the kept cookies.
    explicit CookieJar(bool keep) noexcept : ClientNumberOption(keep) {}
};

/// The proxy for all requests. By default, the environment is read when the client is created:
/// `http_proxy`, `https_proxy`, `all_proxy`, and `no_proxy` with names, suffixes, addresses and
/// networks (CIDR), each also in capitals. A CGI process ignores `HTTP_PROXY`, and a set-user-ID
/// program ignores all of them. If a proxy from the environment is not usable, each call that needs
/// it ends with `Code::proxy`. For a client.
class Proxy : public detail::OptionalTextOption<sac_set_proxy> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// No proxy.
    static Proxy none() { return Proxy(""); }

    /// The proxy from the environment now, the default.
    static Proxy from_environment() { return Proxy(); }

private:
    Proxy() = default;
};

/// The Unix domain socket for all connections, for local services such as Docker. The base URL
/// still sets `Host` and the base path. No proxy is used, and redirects use the same socket. For a
/// client.
class UnixSocket : public detail::OptionalTextOption<sac_set_unix_socket> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// No socket, the default.
    static UnixSocket none() { return UnixSocket(); }

private:
    UnixSocket() = default;
};

/// The age from which a connection is not used for another request. The next request opens a new
/// connection and looks the host name up again, so it finds a server that has moved. A running
/// request is not interrupted. A random part of a tenth is added to the age for each connection, so
/// that connections that were opened together do not close together. 0 disables it. Default: 300 s.
/// For a client.
class ConnectionMaxAge
    : public detail::ClientNumberOption<std::uint64_t, sac_set_connection_max_age_ms> {
public:
    /// A duration of any kind, rounded up to whole milliseconds.
    explicit ConnectionMaxAge(detail::Milliseconds time) noexcept : ClientNumberOption(time.count()) {}
};

/// Whether other requests may use the connection of this request. Default: true. For a request.
class KeepAlive : public detail::RequestNumberOption<bool, sac_request_set_keep_alive> {
public:
    /// `keep`: false opens a new connection, sends `Connection: close` (RFC 9112 section 9.6) and
    /// closes the connection after the response, for each attempt and each redirect.
    explicit KeepAlive(bool keep) noexcept : RequestNumberOption(keep) {}
};

}  // namespace sac

#endif
