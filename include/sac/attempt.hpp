/// @file
/// The request that is about to go out, and the callback that may sign it.
#ifndef SAC_ATTEMPT_HPP
#define SAC_ATTEMPT_HPP

#include <sac/callback.hpp>
#include <sac/error.hpp>
#include <sac/text.hpp>

#include <sac.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace sac {

/// A request that is about to be sent, valid until the function of OnAttempt returns. So are the
/// strings and bytes that it returns. One thread at a time.
class Attempt {
public:
    /// The attempt of a callback of the C interface, which owns it.
    explicit Attempt(sac_attempt* handle) noexcept : handle_(handle) {}

    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    /// The method.
    View method() const noexcept { return View(sac_attempt_method(handle_)); }
    /// The full URL with its query, which may contain secrets.
    View url() const noexcept { return View(sac_attempt_url(handle_)); }
    /// The path and the query as they are sent.
    View target() const noexcept { return View(sac_attempt_target(handle_)); }
    /// The number of the attempt in its call, from 1. A redirect does not begin a new attempt.
    unsigned number() const noexcept { return sac_attempt_number(handle_); }

    /// The value of a header field as it will be sent, with cookies, credentials, `Host` and
    /// `Content-Length`; absent if there is no such field. `name`: in upper or lower case.
    View header(const detail::CString& name) const noexcept
    {
        return View(sac_attempt_header(handle_, name.c_str()));
    }

    /// The body. `data()` is NULL if it does not lie in memory in one piece: a file, a BodyStream,
    /// or a form with parts. If there is no body, `data()` is not NULL and the size is 0.
    Bytes body() const noexcept
    {
        std::size_t size = 0;
        const std::uint8_t* data = sac_attempt_body(handle_, &size);
        return Bytes(data, size);
    }

    /// The SHA-256 of the body in hexadecimal, also of a file and of a BodyStream that can begin
    /// again: these are read once more. Absent if it cannot be known.
    View body_sha256() noexcept { return View(sac_attempt_body_sha256(handle_)); }

    /// Sets a header field for this request alone; a retry and a redirect start without it. No log
    /// line and no error text contains the value. Fields that Header refuses are refused.
    Error set_header(const detail::CString& name, const detail::CString& value)
    {
        return detail::to_error(sac_attempt_set_header(handle_, name.c_str(), value.c_str()));
    }

private:
    sac_attempt* handle_;
};

/// Called before each request that goes out, after all waits: the first one of a call, each retry,
/// and each redirect. May sign it. After false, the call ends with `Code::cancelled`. An exception
/// from it also ends the call, and the function that made the call throws it again. Several threads
/// call it at once if several make calls. An empty function removes it. For a client.
struct OnAttempt {
    /// `callback_`: returns whether to send the request.
    explicit OnAttempt(std::function<bool(Attempt&)> callback_) : callback(std::move(callback_)) {}

    /// The function.
    std::function<bool(Attempt&)> callback;
};

namespace detail {

// The library calls it.
inline bool on_attempt(void* userdata, sac_attempt* handle) noexcept
{
    try {
        Attempt attempt(handle);
        return function_at<bool(Attempt&)>(userdata)(attempt);
    } catch (...) {
        PendingException::capture();
        return false;
    }
}

}  // namespace detail
}  // namespace sac

#endif
