/// @file
/// Errors in both styles: as values, and as exceptions of `or_throw()`.
#ifndef SAC_ERROR_HPP
#define SAC_ERROR_HPP

#include <sac/code.hpp>
#include <sac/handle.hpp>
#include <sac/text.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#if __cplusplus >= 201703L
#include <optional>
#endif

namespace sac {

class Error;
class Response;

/// The exception of `or_throw()`. The derived classes are the kinds that programs handle
/// differently. `code()` distinguishes all kinds.
class Exception : public std::runtime_error {
public:
    /// `response`: the response of the failed call; may be NULL.
    Exception(const Error& error, std::shared_ptr<const Response> response);

    /// The code of the error; never `Code::ok`.
    Code code() const noexcept { return code_; }

    /// The response of the failed call, with its status, headers and JSON; NULL if it was not a
    /// call that failed. Valid as long as the exception and its copies.
    const Response* response() const noexcept { return response_.get(); }

private:
    Code code_;
    std::shared_ptr<const Response> response_;
};

/// The caller's input was refused, or a local file cannot be used.
class InputError : public Exception {
public:
    /// As for Exception.
    using Exception::Exception;
};

/// No complete response arrived.
class NetworkError : public Exception {
public:
    /// As for Exception.
    using Exception::Exception;
};

/// A time limit was exceeded.
class TimeoutError : public NetworkError {
public:
    /// As for Exception.
    using NetworkError::NetworkError;
};

/// A response arrived, but not the requested one.
class AnswerError : public Exception {
public:
    /// As for Exception.
    using Exception::Exception;
};

/// The server responded with a status of 400 or above.
class StatusError : public AnswerError {
public:
    /// As for Exception.
    using AnswerError::AnswerError;
};

/// Too many requests: the server said so, or the wait for a rate limit would exceed the deadline.
class RateLimitedError : public StatusError {
public:
    /// As for Exception.
    using StatusError::StatusError;
};

/// The caller cancelled the call.
class CancelledError : public Exception {
public:
    /// As for Exception.
    using Exception::Exception;
};

namespace detail {

[[noreturn]] inline void raise(const Error& error, std::shared_ptr<const Response> response);

}  // namespace detail

/// An error as a value; true if there is one: `if (auto error = client.set(…)) …`.
class SAC_HPP_NODISCARD Error {
public:
    /// No error.
    Error() noexcept : code_(Code::ok) {}

    /// With the sentence of the code as the message.
    Error(Code code) noexcept : code_(code) {}

    /// With a separate message, on one line.
    Error(Code code, std::string message) noexcept : code_(code), message_(std::move(message)) {}

    /// Whether there is an error.
    explicit operator bool() const noexcept { return code_ != Code::ok; }

    /// The code; `Code::ok` if there is no error.
    Code code() const noexcept { return code_; }

    /// What happened, in English, on one line; valid as long as this object.
    const char* message() const noexcept
    {
        return message_.empty() ? sac::message(code_) : message_.c_str();
    }

    /// Throws an Exception of the matching class if there is an error.
    void or_throw() const
    {
        if (code_ != Code::ok)
            detail::raise(*this, nullptr);
    }

private:
    Code code_;
    std::string message_;
};

inline Exception::Exception(const Error& error, std::shared_ptr<const Response> response)
    : std::runtime_error(error.message()), code_(error.code()), response_(std::move(response))
{
}

inline void detail::raise(const Error& error, std::shared_ptr<const Response> response)
{
    switch (error.code()) {
    case Code::null_argument:
    case Code::invalid_utf8:
    case Code::invalid_url:
    case Code::invalid_path:
    case Code::invalid_method:
    case Code::invalid_header:
    case Code::invalid_cookie:
    case Code::invalid_json:
    case Code::invalid_argument:
    case Code::file:
    case Code::certificate:
    case Code::signature:
        throw InputError(error, std::move(response));
    case Code::resolve:
    case Code::connect:
    case Code::tls:
    case Code::proxy:
    case Code::closed:
    case Code::protocol:
    case Code::redirect:
    case Code::too_large:
    case Code::token:
        throw NetworkError(error, std::move(response));
    case Code::timeout:
        throw TimeoutError(error, std::move(response));
    case Code::status:
        throw StatusError(error, std::move(response));
    case Code::rate_limited:
        throw RateLimitedError(error, std::move(response));
    case Code::not_json:
        throw AnswerError(error, std::move(response));
    case Code::cancelled:
        throw CancelledError(error, std::move(response));
    case Code::ok:
    case Code::internal:
        break;
    }
    // A bug in the library, or a code of a newer version.
    throw Exception(error, std::move(response));
}

/// A value, or an error.
template <class T>
class SAC_HPP_NODISCARD Result {
public:
    /// A value.
    Result(T value) : value_(std::move(value)) {}
    /// An error instead of a value.
    Result(Error error) : value_(), error_(std::move(error)) {}

    /// Whether there is a value.
    explicit operator bool() const noexcept { return !error_; }
    /// The same, as a `std::optional` or `std::expected` has it.
    bool has_value() const noexcept { return !error_; }

    /// The error; false if there is a value.
    const Error& error() const noexcept { return error_; }

    /// The value; a default value if there is an error.
    const T& operator*() const& noexcept { return value_; }
    T&& operator*() && noexcept { return std::move(value_); }
    /// A member of the value; of a default value if there is an error.
    const T* operator->() const noexcept { return &value_; }

    /// The value, or another one if there is an error.
    template <class U>
    T value_or(U&& fallback) const&
    {
        return error_ ? static_cast<T>(std::forward<U>(fallback)) : value_;
    }
    template <class U>
    T value_or(U&& fallback) &&
    {
        return error_ ? static_cast<T>(std::forward<U>(fallback)) : std::move(value_);
    }

    /// The value; throws if there is an error.
    const T& or_throw() const&
    {
        error_.or_throw();
        return value_;
    }
    T or_throw() &&
    {
        error_.or_throw();
        return std::move(value_);
    }

    /// The same as `or_throw()`, as a `std::optional` or `std::expected` has it.
    const T& value() const& { return or_throw(); }
    T value() && { return std::move(*this).or_throw(); }

#if __cplusplus >= 201703L
    /// The value, or `std::nullopt` if there is an error. With C++17.
    std::optional<T> optional() const& { return error_ ? std::nullopt : std::optional<T>(value_); }
    std::optional<T> optional() &&
    {
        return error_ ? std::nullopt : std::optional<T>(std::move(value_));
    }
#endif

private:
    T value_;
    Error error_;
};

namespace detail {

inline Error to_error(sac_code code) noexcept { return Error(static_cast<Code>(code)); }

/// The error of a base URL.
inline Error base_url_error(sac_code code)
{
    if (code != SAC_ERR_INVALID_URL)
        return to_error(code);
    return Error(Code::invalid_url,
                 "the base URL must be http:// or https:// and a host, without a query");
}

/// Takes ownership of a string from C, or converts the code to an error.
inline Result<std::string> take_string(sac_code code, char* text)
{
    StringHandle handle(text);
    if (code != SAC_OK)
        return to_error(code);
    return std::string(handle.get());
}

}  // namespace detail
}  // namespace sac

#endif
