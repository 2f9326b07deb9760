/// @file
/// Errors in both styles: a value that says what went wrong, and `or_throw()`.
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

/// What `or_throw()` throws; the classes below tell the kinds apart that are handled differently,
/// `code()` tells all.
class Exception : public std::runtime_error {
public:
    /// `response`: that of the call that failed; may be NULL.
    Exception(const Error& error, std::shared_ptr<const Response> response);

    /// What went wrong; never `Code::ok`.
    Code code() const noexcept { return code_; }

    /// The response of the call that failed, with its status, headers and JSON; NULL where
    /// something other than a call failed. Lives as long as the exception and its copies.
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

/// There is no whole answer.
class NetworkError : public Exception {
public:
    /// As for Exception.
    using Exception::Exception;
};

/// Time ran out.
class TimeoutError : public NetworkError {
public:
    /// As for Exception.
    using NetworkError::NetworkError;
};

/// There is an answer, and it is not what was asked for.
class AnswerError : public Exception {
public:
    /// As for Exception.
    using Exception::Exception;
};

/// The server answered with a status of 400 or above.
class StatusError : public AnswerError {
public:
    /// As for Exception.
    using AnswerError::AnswerError;
};

/// Too many requests: the server said so, or a limit's wait would outlast the deadline.
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

/// What went wrong, as a value; true where something did: `if (auto error = client.set(…)) …`.
class SAC_HPP_NODISCARD Error {
public:
    /// Nothing did.
    Error() noexcept : code_(Code::ok) {}

    /// With the code's own sentence as the message.
    Error(Code code) noexcept : code_(code) {}

    /// With a message of its own, on one line.
    Error(Code code, std::string message) noexcept : code_(code), message_(std::move(message)) {}

    /// Whether something went wrong.
    explicit operator bool() const noexcept { return code_ != Code::ok; }

    /// What went wrong; `Code::ok` where nothing did.
    Code code() const noexcept { return code_; }

    /// What happened, in English, on one line; lives as long as the error.
    const char* message() const noexcept
    {
        return message_.empty() ? sac::message(code_) : message_.c_str();
    }

    /// Throws an Exception of the fitting kind where something went wrong.
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
        throw InputError(error, std::move(response));
    case Code::resolve:
    case Code::connect:
    case Code::tls:
    case Code::proxy:
    case Code::closed:
    case Code::protocol:
    case Code::redirect:
    case Code::too_large:
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
    // A bug of the library, or a code of a newer one.
    throw Exception(error, std::move(response));
}

/// A value, or the error that stands in its place.
template <class T>
class SAC_HPP_NODISCARD Result {
public:
    /// A value.
    Result(T value) : value_(std::move(value)) {}
    /// No value, and why.
    Result(Error error) : value_(), error_(std::move(error)) {}

    /// Whether the value is there.
    explicit operator bool() const noexcept { return !error_; }
    /// The same, as a `std::optional` or `std::expected` has it.
    bool has_value() const noexcept { return !error_; }

    /// Why there is no value; false where there is one.
    const Error& error() const noexcept { return error_; }

    /// The value; a default one where there is none.
    const T& operator*() const& noexcept { return value_; }
    T&& operator*() && noexcept { return std::move(value_); }
    /// A member of the value; of a default one where there is none.
    const T* operator->() const noexcept { return &value_; }

    /// The value, or another one where there is none.
    template <class U>
    T value_or(U&& otherwise) const&
    {
        return error_ ? static_cast<T>(std::forward<U>(otherwise)) : value_;
    }
    template <class U>
    T value_or(U&& otherwise) &&
    {
        return error_ ? static_cast<T>(std::forward<U>(otherwise)) : std::move(value_);
    }

    /// The value; throws the error where there is none.
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
    /// The value, or nothing where there is none. With C++17.
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

/// What became of a base URL.
inline Error base_url_error(sac_code code)
{
    if (code != SAC_ERR_INVALID_URL)
        return to_error(code);
    return Error(Code::invalid_url,
                 "the base URL has to be http:// or https:// and a host, without a query");
}

/// Makes a string of C one's own, or the code an error.
inline Result<std::string> take_string(sac_code code, char* text)
{
    StringHandle held(text);
    if (code != SAC_OK)
        return to_error(code);
    return std::string(held.get());
}

}  // namespace detail
}  // namespace sac

#endif
