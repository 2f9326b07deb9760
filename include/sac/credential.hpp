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

/// Signs every request with AWS Signature Version 4, for AWS and compatible services. It replaces
/// other credentials. Each attempt gets its own signature (see `sac_set_aws_sigv4`). For a client.
class AwsSigV4 {
public:
    /// `region`: such as `us-east-1`. `service`: such as `s3`. `session_token`: the token of
    /// temporary credentials; empty if there is none.
    AwsSigV4(detail::OwnedString region, detail::OwnedString service,
             detail::OwnedString access_key_id, detail::OwnedString secret_access_key,
             detail::OwnedString session_token = "")
        : region_(std::move(region)),
          service_(std::move(service)),
          access_key_id_(std::move(access_key_id)),
          secret_access_key_(std::move(secret_access_key)),
          session_token_(std::move(session_token))
    {
    }
    sac_code apply_to(sac_client* client) const
    {
        return sac_set_aws_sigv4(client, region_.c_str(), service_.c_str(), access_key_id_.c_str(),
                                 secret_access_key_.c_str(), session_token_.c_str());
    }

private:
    detail::OwnedString region_, service_, access_key_id_, secret_access_key_, session_token_;
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
