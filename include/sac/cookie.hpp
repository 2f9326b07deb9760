/// @file
/// Signed cookies by themselves.
#ifndef SAC_COOKIE_HPP
#define SAC_COOKIE_HPP

#include <sac/error.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sac {

/// Signs a payload, a JSON object, as a cookie value with the time of now: the format of
/// itsdangerous' TimestampSigner, as cookie-manager verifies it. A client sends such a cookie by
/// itself: see SignedCookie.
inline Result<std::string> cookie_sign(const detail::Argument& payload,
                                       const detail::Argument& key_id, const detail::Argument& key,
                                       Digest digest)
{
    char* cookie = nullptr;
    const sac_code code = sac_cookie_sign(payload.c_str(), key_id.c_str(), key.c_str(),
                                          static_cast<std::int32_t>(digest), &cookie);
    return detail::take_string(code, cookie);
}

/// Verifies a cookie value, raw or as a quoted string, and gives its payload. `keys` are names with
/// keys; `max_age` is the greatest age, 0 for any.
inline Result<std::string> cookie_verify(
    const detail::Argument& cookie, const std::vector<std::pair<std::string, std::string>>& keys,
    std::chrono::seconds max_age, Digest digest)
{
    if (max_age.count() < 0)
        return Error(Code::invalid_argument);
    std::vector<const char*> ids, texts;
    for (const auto& key : keys) {
        ids.push_back(detail::c_text(key.first));
        texts.push_back(detail::c_text(key.second));
    }
    char* payload = nullptr;
    const sac_code code = sac_cookie_verify(cookie.c_str(), ids.data(), texts.data(), keys.size(),
                                            static_cast<std::uint64_t>(max_age.count()),
                                            static_cast<std::int32_t>(digest), &payload);
    return detail::take_string(code, payload);
}

}  // namespace sac

#endif
