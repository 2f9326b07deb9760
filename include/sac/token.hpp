/// @file
/// Bearer tokens that expire.
#ifndef SAC_TOKEN_HPP
#define SAC_TOKEN_HPP

#include <sac/callback.hpp>
#include <sac/duration.hpp>
#include <sac/error.hpp>
#include <sac/option_kind.hpp>

#include <sac.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace sac {

/// A bearer token.
struct Token {
    /// No token.
    Token() = default;
    /// `expires_in_`: how long it may be used from now on; zero if that is unknown.
    Token(std::string value_, detail::Milliseconds expires_in_ = std::chrono::milliseconds(0))
        : value(std::move(value_)), expires_in(expires_in_)
    {
    }

    /// The token itself.
    std::string value;
    /// How long it may be used.
    detail::Milliseconds expires_in = std::chrono::milliseconds(0);
};

/// Authenticates with bearer tokens (RFC 6750) from a function. They replace other credentials.
///
/// The library calls it when a call needs a token, shortly before a token expires, and when the
/// server refuses a token with a 401; then the request is sent once more. One thread calls it at a
/// time; other calls use the old token, or wait. Clones share the token. The function returns a
/// Token, or an Error if there is none. An exception from it ends the call, and the function that
/// made the call throws it again; other calls that waited end with `Code::token`. A call with this
/// client from the function ends with `Code::token`. An empty function removes it. For a client.
struct OnToken {
    /// `callback_`: fetches a token.
    explicit OnToken(std::function<Result<Token>(TokenReason)> callback_)
        : callback(std::move(callback_))
    {
    }

    /// The function.
    std::function<Result<Token>(TokenReason)> callback;
};

/// The tokens that a token server has issued.
struct SavedToken {
    View access_token;                     ///< The token for requests.
    View refresh_token;                    ///< The new refresh token; empty if there is none.
    std::chrono::milliseconds expires_in;  ///< How long the first may be used; zero if unknown.
};

/// Receives the tokens that a token server has issued, for example to save a new refresh token. The
/// texts are secrets, valid until it returns. Exceptions from it end the call as those of OnToken
/// do, but the token is used. An empty function removes it. For a client.
struct OnTokenSaved {
    /// `callback_`: saves the tokens.
    explicit OnTokenSaved(std::function<void(const SavedToken&)> callback_)
        : callback(std::move(callback_))
    {
    }

    /// The function.
    std::function<void(const SavedToken&)> callback;
};

/// Authenticates with the bearer token in a file, which is read again when it changes. It replaces
/// other credentials. See `sac_set_bearer_file`. For a client.
class BearerFile : public detail::TextOption<sac_set_bearer_file> {
public:
    using TextOption::TextOption;
};

/// Authenticates with tokens that a token server issues for the credentials of the client (OAuth
/// 2.0, RFC 6749 section 4.4). They replace other credentials. See
/// `sac_set_oauth2_client_credentials`. For a client.
class ClientCredentials {
public:
    /// For the default scope of the server.
    ClientCredentials(detail::OwnedString token_url, detail::OwnedString client_id,
                      detail::OwnedString client_secret)
        : token_url_(std::move(token_url)),
          client_id_(std::move(client_id)),
          client_secret_(std::move(client_secret)),
          scope_(std::string()),
          has_scope_(false)
    {
    }
    /// `scope`: words separated by spaces.
    ClientCredentials(detail::OwnedString token_url, detail::OwnedString client_id,
                      detail::OwnedString client_secret, detail::OwnedString scope)
        : token_url_(std::move(token_url)),
          client_id_(std::move(client_id)),
          client_secret_(std::move(client_secret)),
          scope_(std::move(scope)),
          has_scope_(true)
    {
    }
    sac_code apply_to(sac_client* client) const
    {
        return sac_set_oauth2_client_credentials(client, token_url_.c_str(), client_id_.c_str(),
                                                 client_secret_.c_str(),
                                                 has_scope_ ? scope_.c_str() : nullptr);
    }

private:
    detail::OwnedString token_url_, client_id_, client_secret_, scope_;
    bool has_scope_;
};

/// Authenticates with tokens that a token server issues for a refresh token (OAuth 2.0, RFC 6749
/// section 6). They replace other credentials. If the server replaces the refresh token, the new
/// one is used from then on, and OnTokenSaved receives it. See `sac_set_oauth2_refresh_token`. For
/// a client.
class RefreshToken {
public:
    /// For a public client, which has no secret.
    RefreshToken(detail::OwnedString token_url, detail::OwnedString client_id,
                 detail::OwnedString refresh_token)
        : token_url_(std::move(token_url)),
          client_id_(std::move(client_id)),
          client_secret_(std::string()),
          refresh_token_(std::move(refresh_token)),
          has_secret_(false)
    {
    }
    /// For a client with a secret.
    RefreshToken(detail::OwnedString token_url, detail::OwnedString client_id,
                 detail::OwnedString client_secret, detail::OwnedString refresh_token)
        : token_url_(std::move(token_url)),
          client_id_(std::move(client_id)),
          client_secret_(std::move(client_secret)),
          refresh_token_(std::move(refresh_token)),
          has_secret_(true)
    {
    }
    sac_code apply_to(sac_client* client) const
    {
        return sac_set_oauth2_refresh_token(client, token_url_.c_str(), client_id_.c_str(),
                                            has_secret_ ? client_secret_.c_str() : nullptr,
                                            refresh_token_.c_str());
    }

private:
    detail::OwnedString token_url_, client_id_, client_secret_, refresh_token_;
    bool has_secret_;
};

namespace detail {

// The library calls these.

inline sac_code on_token(void* userdata, std::int32_t reason, sac_token* token) noexcept
{
    try {
        const Result<Token> fetched =
            function_at<Result<Token>(TokenReason)>(userdata)(static_cast<TokenReason>(reason));
        if (!fetched)
            return static_cast<sac_code>(fetched.error().code());
        return sac_token_set(token, c_string(fetched->value), fetched->expires_in.count());
    } catch (...) {
        // The call can continue with the old token.
        if (reason != SAC_TOKEN_EXPIRING)
            PendingException::capture();
        return SAC_ERR_TOKEN;
    }
}

inline void on_token_saved(void* userdata, const char* access_token, const char* refresh_token,
                           std::uint64_t expires_in_ms) noexcept
{
    try {
        const SavedToken saved = {View(access_token), View(refresh_token ? refresh_token : ""),
                                  std::chrono::milliseconds(expires_in_ms)};
        function_at<void(const SavedToken&)>(userdata)(saved);
    } catch (...) {
        PendingException::capture();
    }
}

}  // namespace detail
}  // namespace sac

#endif
