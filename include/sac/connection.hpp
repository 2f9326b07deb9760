/// @file
/// Options that say how a client reaches its server, and whom it trusts.
#ifndef SAC_CONNECTION_HPP
#define SAC_CONNECTION_HPP

#include <sac/code.hpp>
#include <sac/duration.hpp>
#include <sac/option_kind.hpp>

#include <cstdint>

namespace sac {

/// Whether the server's certificate is verified. Default: true.
class Verify : public detail::NumberOption<bool, sac_set_verify, sac_request_set_verify> {
public:
    /// `verify`: false accepts any certificate, and with it anyone on the way.
    explicit Verify(bool verify) noexcept : NumberOption(verify) {}
};

/// The certificate authorities that are trusted, from a PEM file. For a client.
class CaFile : public detail::TextOption<sac_set_ca_file> {
public:
    using TextOption::TextOption;
};

/// The certificate authorities that are trusted, as PEM. For a client.
class CaPem : public detail::TextOption<sac_set_ca_pem> {
public:
    using TextOption::TextOption;
};

/// The oldest TLS version that is accepted. Default: TLS 1.2. For a client.
class MinTls {
public:
    /// `version`: the oldest one.
    explicit MinTls(Tls version) noexcept : version_(version) {}
    sac_code apply_to(sac_client* client) const
    {
        return sac_set_min_tls(client, static_cast<std::int32_t>(version_));
    }

private:
    Tls version_;
};

/// The certificate that is shown to servers that ask for one, and its private key: PEM files. For a
/// client.
class ClientCertificate : public detail::PairOption<sac_set_client_certificate> {
public:
    using PairOption::PairOption;
};

/// The certificate that is shown to servers that ask for one, and its private key: PEM texts. For a
/// client.
class ClientCertificatePem : public detail::PairOption<sac_set_client_certificate_pem> {
public:
    using PairOption::PairOption;
};

/// How old a connection may become before it is not used for another request, so that a server that
/// has moved is found; a random part of a tenth is added; 0 for no limit. Default: 5 min. For a client.
class ConnectionMaxAge {
public:
    explicit ConnectionMaxAge(detail::Milliseconds age) noexcept : ms_(age.count()) {}
    sac_code apply_to(sac_client* client) const
    {
        return sac_set_connection_max_age_ms(client, ms_);
    }

private:
    std::uint64_t ms_;
};

/// Whether other requests may use the connection of a request. Default: true. For a request.
class KeepAlive {
public:
    /// `keep`: false opens a new connection, sends `Connection: close` and closes it afterwards.
    explicit KeepAlive(bool keep) noexcept : keep_(keep) {}
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_keep_alive(request, keep_);
    }

private:
    bool keep_;
};

/// A Unix domain socket that all connections go to; the base URL still gives `Host` and base path.
/// For a client.
class UnixSocket : public detail::OptionalTextOption<sac_set_unix_socket> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// The server of the base URL, the default.
    static UnixSocket none() { return UnixSocket(); }

private:
    UnixSocket() = default;
};

/// The proxy that requests go through: a URL with the scheme `http`, `https`, `socks4`, `socks4a`,
/// `socks5` or `socks5h`. For a client.
class Proxy : public detail::OptionalTextOption<sac_set_proxy> {
public:
    using OptionalTextOption::OptionalTextOption;

    /// No proxy.
    static Proxy none() { return Proxy(""); }

    /// What the environment says, the default.
    static Proxy from_environment() { return Proxy(); }

private:
    Proxy() = default;
};

}  // namespace sac

#endif
