/// @file
/// Ending calls early.
#ifndef SAC_CANCEL_HPP
#define SAC_CANCEL_HPP

#include <sac/error.hpp>

#include <memory>
#include <utility>

#if __cplusplus >= 202002L && defined(__has_include)
#if __has_include(<stop_token>)
#include <stop_token>
/// Whether `std::stop_token` is an option.
#define SAC_HPP_STOP_TOKEN 1
#endif
#endif

namespace sac {

/// A flag that ends calls early, given to requests as an option: each ends with `Code::cancelled`
/// within 100 ms, the waiting ones too. Once triggered it stays so. May be triggered from any
/// thread, and from a signal handler. With C++20 a `std::stop_token` does as well.
class Cancel {
public:
    /// Takes two file descriptors; look at `error()` where there may be none left.
    Cancel() noexcept : code_(Code::ok)
    {
        sac_cancel* cancel = nullptr;
        code_ = static_cast<Code>(sac_cancel_new(&cancel));
        handle_.reset(cancel);
    }

    /// Takes over a cancel of the C interface.
    explicit Cancel(sac_cancel* handle) noexcept
        : handle_(handle), code_(handle ? Code::ok : Code::null_argument)
    {
    }

    /// Why it could not be made, if it could not.
    Error error() const noexcept { return Error(code_); }

    /// Throws that error.
    const Cancel& or_throw() const
    {
        error().or_throw();
        return *this;
    }

    /// Ends every request that carries it.
    void trigger() const noexcept { sac_cancel_trigger(handle_.get()); }

    /// Whether it has been triggered.
    bool triggered() const noexcept { return sac_cancel_triggered(handle_.get()); }

    /// One that could not be made is no option: the request is refused.
    sac_code apply_to(sac_request* request) const noexcept
    {
        return handle_ ? sac_request_set_cancel(request, handle_.get())
                       : static_cast<sac_code>(code_ == Code::ok ? Code::null_argument : code_);
    }

    /// The cancel of the C interface, still owned by this.
    sac_cancel* c_api() const noexcept { return handle_.get(); }

    /// Gives up the cancel of the C interface, to be freed with `sac_cancel_free`.
    SAC_HPP_NODISCARD sac_cancel* release() noexcept { return handle_.release(); }

private:
    detail::CancelHandle handle_;
    Code code_;
};

#if defined(SAC_HPP_STOP_TOKEN)

namespace detail {

/// Carries a stop over to a cancel, for as long as it lives.
class StopLink {
public:
    explicit StopLink(std::stop_token token) : callback_(std::move(token), Trigger{&cancel_}) {}

    const Cancel& cancel() const noexcept { return cancel_; }

private:
    struct Trigger {
        const Cancel* cancel;
        void operator()() const noexcept { cancel->trigger(); }
    };

    Cancel cancel_;
    std::stop_callback<Trigger> callback_;
};

}  // namespace detail

#endif

}  // namespace sac

#endif
