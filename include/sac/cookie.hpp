/// @file
/// Signed cookies without a client.
#ifndef SAC_COOKIE_HPP
#define SAC_COOKIE_HPP

#include <sac/error.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sac {

/// Signs a payload, a JSON object, with the current time, as a cookie value. The format is that of
/// itsdangerous' TimestampSigner, which cookie-manager verifies. For a client, use SignedCookie.
inline Result<std::string> cookie_sign(const detail::CString& payload,
                                       const detail::CString& key_id, const detail::CString& key,
                                       Digest digest)
{
    char* cookie = nullptr;
    const sac_code code = sac_cookie_sign(payload.c_str(), key_id.c_str(), key.c_str(),
                                          static_cast<std::int32_t>(digest), &cookie);
    return detail::take_string(code, cookie);
}

/// Verifies a cookie value, raw or as a quoted string, and returns its payload. `keys`: the names
/// of the keys, with the keys. `max_age`: the greatest age; 0 allows any age.
inline Result<std::string> cookie_verify(
    const detail::CString& cookie, const std::vector<std::pair<std::string, std::string>>& keys,
    std::chrono::seconds max_age, Digest digest)
{
    if (max_age.count() < 0)
        return Error(Code::invalid_argument);
    std::vector<const char*> ids, texts;
    for (const auto& key : keys) {
        ids.push_back(detail::c_string(key.first));
        texts.push_back(detail::c_string(key.second));
    }
    char* payload = nullptr;
    const sac_code code = sac_cookie_verify(cookie.c_str(), ids.data(), texts.data(), keys.size(),
                                            static_cast<std::uint64_t>(max_age.count()),
                                            static_cast<std::int32_t>(digest), &payload);
    return detail::take_string(code, payload);
}

}  // namespace sac

#endif
