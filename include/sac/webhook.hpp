/// @file
/// Webhooks and HMACs without a client.
#ifndef SAC_WEBHOOK_HPP
#define SAC_WEBHOOK_HPP

#include <sac/error.hpp>
#include <sac/field.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace sac {

namespace detail {

inline Result<std::string> verify_webhook(WebhookScheme scheme,
                                          const std::vector<std::string>& secrets,
                                          const FieldList& headers, const ByteInput& body,
                                          std::chrono::seconds tolerance)
{
    if (tolerance.count() < 0)
        return Error(Code::invalid_argument);
    // With an element more, so that an empty list is not NULL.
    std::vector<const char*> keys, fields;
    for (const std::string& secret : secrets)
        keys.push_back(c_string(secret));
    keys.push_back(nullptr);
    for (const Field& field : headers.fields())
        fields.insert(fields.end(), {field.name(), field.value()});
    fields.push_back(nullptr);
    char* id = nullptr;
    const sac_code code = sac_webhook_verify(
        static_cast<std::int32_t>(scheme), keys.data(), secrets.size(), fields.data(),
        reinterpret_cast<const std::uint8_t*>(body.data()), body.size(),
        static_cast<std::uint64_t>(tolerance.count()), &id);
    return take_string(code, id);
}

}  // namespace detail

/// Verifies that the sender of a webhook knows a secret, that nobody changed the webhook, and that it
/// is not an old one. Returns its id, which stays the same if the sender sends it again. The id is
/// empty if the sender sends none.
///
/// `secrets`: the secrets as the sender shows them; each is valid. `headers`: the header fields of the
/// request: a container of pairs, such as a `std::map` or a `std::vector`, or `{{"Name", "value"}}`.
/// `body`: the bytes as they arrived, before any decoding or parsing. `tolerance`: the greatest
/// difference between the time of the signature and the clock, in both directions; 0 allows any. It
/// has no effect for GitHub and Shopify, which sign no time. Any thread. The error is
/// `Code::signature` if the webhook does not verify.
template <class Pairs>
Result<std::string> verify_webhook(WebhookScheme scheme, const std::vector<std::string>& secrets,
                                   const Pairs& headers, const detail::ByteInput& body,
                                   std::chrono::seconds tolerance = std::chrono::minutes(5))
{
    const detail::FieldList fields(headers.begin(), headers.end());
    return detail::verify_webhook(scheme, secrets, fields, body, tolerance);
}

/// The same with fields in braces.
inline Result<std::string> verify_webhook(WebhookScheme scheme,
                                          const std::vector<std::string>& secrets,
                                          std::initializer_list<Field> headers,
                                          const detail::ByteInput& body,
                                          std::chrono::seconds tolerance = std::chrono::minutes(5))
{
    return detail::verify_webhook(scheme, secrets, headers, body, tolerance);
}

/// The HMAC of data (RFC 2104) as text, as services want it in the signature of a request. Key and
/// data are bytes, which may contain NULs. Any thread. An empty key is `Code::invalid_argument`,
/// because anybody could compute the same.
inline Result<std::string> hmac(Digest digest, const detail::ByteInput& key,
                                const detail::ByteInput& data, Encoding encoding = Encoding::hex)
{
    char* mac = nullptr;
    const sac_code code =
        sac_hmac(static_cast<std::int32_t>(digest),
                 reinterpret_cast<const std::uint8_t*>(key.data()), key.size(),
                 reinterpret_cast<const std::uint8_t*>(data.data()), data.size(),
                 static_cast<std::int32_t>(encoding), &mac);
    return detail::take_string(code, mac);
}

}  // namespace sac

#endif
