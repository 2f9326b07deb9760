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

/// A flag that ends calls early, as an option of requests. Each call ends with `Code::cancelled`
/// within 100 ms, also while it waits. A triggered cancel stays triggered. Any thread may trigger
/// it, and any signal handler. With C++20, a `std::stop_token` is an option too.
class Cancel {
public:
    /// Uses two file descriptors. `error()` says whether there were none left.
    Cancel() noexcept : code_(Code::ok)
    {
        sac_cancel* cancel = nullptr;
        code_ = static_cast<Code>(sac_cancel_new(&cancel));
        handle_.reset(cancel);
    }

    /// Takes ownership of a cancel of the C interface.
    explicit Cancel(sac_cancel* handle) noexcept
        : handle_(handle), code_(handle ? Code::ok : Code::null_argument)
    {
    }

    /// The error of the constructor; false if there was none.
    Error error() const noexcept { return Error(code_); }

    /// Throws that error.
    const Cancel& or_throw() const
    {
        error().or_throw();
        return *this;
    }

    /// Ends the calls of every request that it is attached to.
    void trigger() const noexcept { sac_cancel_trigger(handle_.get()); }

    /// Whether it has been triggered.
    bool triggered() const noexcept { return sac_cancel_triggered(handle_.get()); }

    /// If the constructor failed, the request gets its error.
    sac_code apply_to(sac_request* request) const noexcept
    {
        return handle_ ? sac_request_set_cancel(request, handle_.get())
                       : static_cast<sac_code>(code_ == Code::ok ? Code::null_argument : code_);
    }

    /// The cancel of the C interface, still owned by this.
    sac_cancel* c_api() const noexcept { return handle_.get(); }

    /// Gives up the cancel of the C interface. The caller frees it with `sac_cancel_free`.
    SAC_HPP_NODISCARD sac_cancel* release() noexcept { return handle_.release(); }

private:
    detail::CancelHandle handle_;
    Code code_;
};

#if defined(SAC_HPP_STOP_TOKEN)

namespace detail {

/// A cancel that a stop token triggers, as long as this object exists.
class StopTokenCancel {
public:
    explicit StopTokenCancel(std::stop_token token)
        : callback_(std::move(token), TriggerCancel{&cancel_})
    {
    }

    const Cancel& cancel() const noexcept { return cancel_; }

private:
    struct TriggerCancel {
        const Cancel* cancel;
        void operator()() const noexcept { cancel->trigger(); }
    };

    Cancel cancel_;
    std::stop_callback<TriggerCancel> callback_;
};

}  // namespace detail

#endif

}  // namespace sac

#endif
