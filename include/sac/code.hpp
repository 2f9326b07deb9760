/// @file
/// The codes and the other constants of sac.h, as enumerations with the same numbers.
#ifndef SAC_CODE_HPP
#define SAC_CODE_HPP

#include <sac.h>

#include <cstdint>
#include <string>
#include <system_error>
#include <type_traits>

/// The Simple API Client. Options are arguments of a client, of `set`, of a request or of a call,
/// in any order. They are copied there.
namespace sac {

/// The result of a call or of a setting: `Code::ok`, or the error.
enum class Code : std::int32_t {
    ok = SAC_OK,
    null_argument = SAC_ERR_NULL_ARGUMENT,
    invalid_utf8 = SAC_ERR_INVALID_UTF8,
    invalid_url = SAC_ERR_INVALID_URL,
    invalid_path = SAC_ERR_INVALID_PATH,
    invalid_method = SAC_ERR_INVALID_METHOD,
    invalid_header = SAC_ERR_INVALID_HEADER,
    invalid_cookie = SAC_ERR_INVALID_COOKIE,
    invalid_json = SAC_ERR_INVALID_JSON,
    invalid_argument = SAC_ERR_INVALID_ARGUMENT,
    file = SAC_ERR_FILE,
    certificate = SAC_ERR_CERTIFICATE,
    signature = SAC_ERR_SIGNATURE,
    resolve = SAC_ERR_RESOLVE,
    connect = SAC_ERR_CONNECT,
    tls = SAC_ERR_TLS,
    proxy = SAC_ERR_PROXY,
    timeout = SAC_ERR_TIMEOUT,
    closed = SAC_ERR_CLOSED,
    protocol = SAC_ERR_PROTOCOL,
    redirect = SAC_ERR_REDIRECT,
    too_large = SAC_ERR_TOO_LARGE,
    token = SAC_ERR_TOKEN,
    status = SAC_ERR_STATUS,
    rate_limited = SAC_ERR_RATE_LIMITED,
    not_json = SAC_ERR_NOT_JSON,
    cancelled = SAC_ERR_CANCELLED,
    internal = SAC_ERR_INTERNAL
};

/// How the JSON of a response relates to its body.
enum class JsonState : std::int32_t {
    none = SAC_JSON_NONE,         ///< The body contains no JSON, or there is no body.
    exact = SAC_JSON_EXACT,       ///< The body is well-formed JSON.
    repaired = SAC_JSON_REPAIRED  ///< The body is damaged JSON, which the library repaired.
};

/// How a stream splits a body into records.
enum class RecordKind : std::int32_t {
    automatic = SAC_RECORDS_AUTO,  ///< As the media type of the response says.
    events = SAC_RECORDS_EVENTS,  ///< Server-sent events.
    lines = SAC_RECORDS_LINES,  ///< JSON texts one after another.
    array = SAC_RECORDS_ARRAY  ///< The elements of the outermost array.
};

/// The type of a JSON value.
enum class JsonType : std::int32_t {
    missing = SAC_JSON_TYPE_MISSING,
    null = SAC_JSON_TYPE_NULL,
    boolean = SAC_JSON_TYPE_BOOL,
    number = SAC_JSON_TYPE_NUMBER,
    string = SAC_JSON_TYPE_STRING,
    array = SAC_JSON_TYPE_ARRAY,
    object = SAC_JSON_TYPE_OBJECT
};

/// The hash function of a signed cookie or of an HMAC.
enum class Digest : std::int32_t {
    sha1 = SAC_DIGEST_SHA1,  ///< Use it only if the other side accepts no better one.
    sha256 = SAC_DIGEST_SHA256,
    sha512 = SAC_DIGEST_SHA512
};

/// How an HMAC is written as text.
enum class Encoding : std::int32_t {
    hex = SAC_ENCODING_HEX,             ///< Hexadecimal with lower-case letters.
    base64 = SAC_ENCODING_BASE64,       ///< Base64 with padding.
    base64url = SAC_ENCODING_BASE64URL  ///< Base64url without padding, as in a JWT.
};

/// How the sender of a webhook signs it.
enum class WebhookScheme : std::int32_t {
    standard = SAC_WEBHOOK_STANDARD,  ///< Standard Webhooks, and Svix.
    stripe = SAC_WEBHOOK_STRIPE,
    github = SAC_WEBHOOK_GITHUB,
    shopify = SAC_WEBHOOK_SHOPIFY,
    slack = SAC_WEBHOOK_SLACK
};

/// A TLS version.
enum class Tls : std::int32_t {
    v1_2 = SAC_TLS_1_2,
    v1_3 = SAC_TLS_1_3
};

/// Why a client needs a token.
enum class TokenReason : std::int32_t {
    needed = SAC_TOKEN_NEEDED,      ///< There is none, or it has expired.
    expiring = SAC_TOKEN_EXPIRING,  ///< It expires soon.
    refused = SAC_TOKEN_REFUSED     ///< The server has refused it with a 401.
};

/// The urgency of a log message.
enum class LogLevel : std::int32_t {
    error = SAC_LOG_ERROR,
    warn = SAC_LOG_WARN,
    info = SAC_LOG_INFO,
    debug = SAC_LOG_DEBUG,
    trace = SAC_LOG_TRACE
};

/// The name of a code's constant in C, such as `"SAC_ERR_TIMEOUT"`; valid as long as the library is
/// loaded.
inline const char* name(Code code) noexcept
{
    return sac_code_name(static_cast<std::int32_t>(code));
}

/// The meaning of a code as an English sentence; valid as long as the library is loaded.
inline const char* message(Code code) noexcept
{
    return sac_code_message(static_cast<std::int32_t>(code));
}

/// The version of the loaded library, such as `"0.1.0"`.
inline const char* version() noexcept { return sac_version(); }

namespace detail {

class ErrorCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "sac"; }

    std::string message(int value) const override { return sac_code_message(value); }
};

}  // namespace detail

/// The category of the codes as `std::error_code`s.
inline const std::error_category& category() noexcept
{
    static const detail::ErrorCategory instance;
    return instance;
}

/// Converts a code to a `std::error_code`. The conversion is also implicit.
inline std::error_code make_error_code(Code code) noexcept
{
    return std::error_code(static_cast<int>(code), category());
}

}  // namespace sac

namespace std {

template <>
struct is_error_code_enum<sac::Code> : true_type {
};

}  // namespace std

#endif
