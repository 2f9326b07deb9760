/// @file
/// Options that authenticate a client.
#ifndef SAC_CREDENTIAL_HPP
#define SAC_CREDENTIAL_HPP

#include <sac/code.hpp>
#include <sac/option_kind.hpp>

#include <utility>

namespace sac {

/// A user name and a password (RFC 7617). They replace other credentials. For a client.
class Basic : public detail::PairOption<sac_add_basic> {
public:
    using PairOption::PairOption;
};

/// A user name and a password for servers that ask for Digest authentication (RFC 7616). The request
/// is sent again after such a 401, within the same attempt; later requests need one round trip. They
/// replace other credentials. For a client.
class DigestAuth : public detail::PairOption<sac_add_digest> {
public:
    using PairOption::PairOption;
};

/// A bearer token (RFC 6750). It replaces other credentials. For a client.
class Bearer : public detail::TextOption<sac_add_bearer> {
public:
    using TextOption::TextOption;
};

/// A cookie that is signed again for each attempt, in the format that cookie-manager verifies.
/// `payload` is a JSON object, to which `key_id` is added. For a client.
class SignedCookie {
public:
    /// `digest`: cookie-manager verifies `Digest::sha1`.
    SignedCookie(detail::OwnedString name, detail::OwnedString payload, detail::OwnedString key_id,
                 detail::OwnedString key, Digest digest)
        : name_(std::move(name)),
          payload_(std::move(payload)),
          key_id_(std::move(key_id)),
          key_(std::move(key)),
          digest_(digest)
    {
    }
    sac_code apply_to(sac_client* client) const
    {
        return sac_add_signed_cookie(client, name_.c_str(), payload_.c_str(), key_id_.c_str(),
                                     key_.c_str(), static_cast<std::int32_t>(digest_));
    }

private:
    detail::OwnedString name_, payload_, key_id_, key_;
    Digest digest_;
};

}  // namespace sac

#endif
