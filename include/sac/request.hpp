/// @file
/// A request with all its options.
#ifndef SAC_REQUEST_HPP
#define SAC_REQUEST_HPP

#include <sac/body.hpp>
#include <sac/cancel.hpp>
#include <sac/error.hpp>
#include <sac/field.hpp>
#include <sac/option.hpp>
#include <sac/stream.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace sac {

/// A request that can be sent any number of times, by several threads at once, but not changed
/// while one of them sends it. The first option that is refused stands in `error()`, and a request
/// with an error is never sent.
class Request {
public:
    /// `method`: any token, such as `"GET"`; `path`: starts with `/`, goes behind the client's base
    /// path, may hold a query. The options may come in any order; of two of one kind the latter
    /// counts.
    template <class... Options>
    Request(const detail::Argument& method, const detail::Argument& path, const Options&... options)
    {
        sac_request* request = nullptr;
        note(sac_request_new(method.c_str(), path.c_str(), &request));
        handle_.reset(request);
        set(options...);
    }

    /// Takes over a request of the C interface.
    explicit Request(sac_request* handle) noexcept : handle_(handle) {}

    /// Nothing to set: the end of the other one.
    Request& set() noexcept { return *this; }

    /// Sets more options.
    template <class Option, class... More>
    Request& set(const Option& option, const More&... more)
    {
        if (!error_)
            note(apply(option));
        return set(more...);
    }

    /// What was refused, if anything was.
    const Error& error() const noexcept { return error_; }

    /// Throws that error.
    const Request& or_throw() const
    {
        error_.or_throw();
        return *this;
    }

    /// The request of the C interface, still owned by this.
    sac_request* c_api() const noexcept { return handle_.get(); }

    /// Gives up the request of the C interface, to be freed with `sac_request_free`. The functions
    /// of OnData and OnProgress are taken off it, since they end with this object, and a
    /// `std::stop_token` does not reach it any more.
    SAC_HPP_NODISCARD sac_request* release() noexcept
    {
        if (!kept_.empty()) {
            sac_request_set_output_callback(handle_.get(), nullptr, nullptr);
            sac_request_set_progress_callback(handle_.get(), nullptr, nullptr);
        }
        kept_.clear();
        return handle_.release();
    }

private:
    void note(sac_code code) noexcept
    {
        if (code != SAC_OK)
            error_ = detail::to_error(code);
    }

    template <class Option>
    sac_code apply(const Option& option)
    {
        static_assert(detail::is_option_of<Option, sac_request>(),
                      "this is no option of a request: a body is a sac::Json, sac::Body or "
                      "sac::Form, and what holds for all requests is set on the client");
        return option.apply_to(handle_.get());
    }

    sac_code apply(const OnData& option)
    {
        if (!option.callback)
            return sac_request_set_output_callback(handle_.get(), nullptr, nullptr);
        return sac_request_set_output_callback(handle_.get(), detail::on_data,
                                               keep(option.callback));
    }

    sac_code apply(const OnProgress& option)
    {
        if (!option.callback)
            return sac_request_set_progress_callback(handle_.get(), nullptr, nullptr);
        return sac_request_set_progress_callback(handle_.get(), detail::on_progress,
                                                 keep(option.callback));
    }

    /// Where a function lives from now on.
    template <class Function>
    void* keep(const Function& function)
    {
        auto kept = std::make_shared<Function>(function);
        kept_.push_back(kept);
        return kept.get();
    }

#if defined(SAC_HPP_STOP_TOKEN)
    sac_code apply(const std::stop_token& token)
    {
        if (!token.stop_possible())
            return SAC_OK;
        auto link = std::make_shared<detail::StopLink>(token);
        const sac_code code = link->cancel().apply_to(handle_.get());
        kept_.push_back(std::move(link));
        return code;
    }
#endif

    detail::RequestHandle handle_;
    Error error_;
    std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace sac

#endif
