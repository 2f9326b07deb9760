/// @file
/// A request with all its options.
#ifndef SAC_REQUEST_HPP
#define SAC_REQUEST_HPP

#include <sac/body.hpp>
#include <sac/cancel.hpp>
#include <sac/error.hpp>
#include <sac/field.hpp>
#include <sac/json_field.hpp>
#include <sac/option.hpp>
#include <sac/transfer.hpp>

#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace sac {

/// A request, which can be sent any number of times. Several threads may send it at once, but no
/// thread may change it while another one sends it. `error()` is that of the first option that was
/// refused. A request with an error is never sent.
class Request {
public:
    /// `method`: any token, such as `"GET"`. `path`: starts with `/`, may contain a query, and is
    /// appended to the client's base path. The options may be in any order. Of two of the same
    /// kind, the last one has effect.
    template <class... Options>
    Request(const detail::CString& method, const detail::CString& path, const Options&... options)
    {
        sac_request* request = nullptr;
        set_error_once(sac_request_new(method.c_str(), path.c_str(), &request));
        handle_.reset(request);
        set(options...);
    }

    /// Takes ownership of a request of the C interface.
    explicit Request(sac_request* handle) noexcept : handle_(handle) {}

    /// Sets nothing: the end of the recursion.
    Request& set() noexcept { return *this; }

    /// Sets more options.
    template <class Option, class... More>
    Request& set(const Option& option, const More&... more)
    {
        if (!error_)
            set_error_once(apply(option));
        return set(more...);
    }

    /// Sets a value of the JSON body, and creates the body if there is none:
    /// `request.json("/name", "Kettle").json("/tags/-", "new")`. The same as the option JsonField.
    template <class T>
    Request& json(const detail::OwnedString& pointer, const T& value)
    {
        return set(JsonField(pointer, value));
    }
    /// The same with a list: `request.json("/tags", {"new", "red"})`.
    template <class T>
    Request& json(const detail::OwnedString& pointer, std::initializer_list<T> values)
    {
        return set(JsonField(pointer, values));
    }

    /// The error of the first refused option; false if there was none.
    const Error& error() const noexcept { return error_; }

    /// Throws that error.
    const Request& or_throw() const
    {
        error_.or_throw();
        return *this;
    }

    /// The request of the C interface, still owned by this.
    sac_request* c_api() const noexcept { return handle_.get(); }

    /// Gives up the request of the C interface. The caller frees it with `sac_request_free`. The
    /// callbacks of OnData, OnProgress, OnTrace and BodyStream are removed from it, because they end
    /// with this object. A `std::stop_token` no longer has an effect on it.
    SAC_HPP_NODISCARD sac_request* release() noexcept
    {
        if (!callbacks_.empty()) {
            sac_request_set_output_callback(handle_.get(), nullptr, nullptr);
            sac_request_set_progress_callback(handle_.get(), nullptr, nullptr);
            sac_request_set_trace_callback(handle_.get(), nullptr, nullptr);
            sac_request_set_rewind_callback(handle_.get(), nullptr, nullptr);
            sac_request_set_body_callback(handle_.get(), nullptr, 0, nullptr, nullptr);
        }
        callbacks_.clear();
        return handle_.release();
    }

private:
    friend class Client;

    void set_error_once(sac_code code) noexcept
    {
        if (code != SAC_OK)
            error_ = detail::to_error(code);
    }

    template <class Option>
    sac_code apply(const Option& option)
    {
        static_assert(detail::is_option_of<Option, sac_request>(),
                      "this is not an option of a request: a body is a sac::Json, sac::JsonField, "
                      "sac::Body or sac::Form, and options of all requests are set on the client");
        return option.apply_to(handle_.get());
    }

    sac_code apply(const OnData& option)
    {
        if (!option.callback)
            return sac_request_set_output_callback(handle_.get(), nullptr, nullptr);
        return sac_request_set_output_callback(handle_.get(), detail::on_data,
                                               retain(option.callback));
    }

    sac_code apply(const BodyStream& option)
    {
        if (!option.write)
            return SAC_ERR_NULL_ARGUMENT;
        void* body = retain(option);
        const sac_code code = sac_request_set_body_callback(
            handle_.get(), option.content_type.c_str(), option.length, detail::on_body, body);
        if (code != SAC_OK)
            return code;
        // Also without one: that of an earlier body must not stay.
        return sac_request_set_rewind_callback(
            handle_.get(), option.rewind ? detail::on_rewind : nullptr, body);
    }

    sac_code apply(const OnProgress& option)
    {
        if (!option.callback)
            return sac_request_set_progress_callback(handle_.get(), nullptr, nullptr);
        return sac_request_set_progress_callback(handle_.get(), detail::on_progress,
                                                 retain(option.callback));
    }

    sac_code apply(const OnTrace& option)
    {
        if (!option.callback)
            return sac_request_set_trace_callback(handle_.get(), nullptr, nullptr);
        return sac_request_set_trace_callback(handle_.get(), detail::on_trace,
                                              retain(option.callback));
    }

    /// Stores a copy of a function, and returns its address.
    template <class Function>
    void* retain(const Function& function)
    {
        auto copy = std::make_shared<Function>(function);
        callbacks_.push_back(copy);
        return copy.get();
    }

#if defined(SAC_HPP_STOP_TOKEN)
    sac_code apply(const std::stop_token& token)
    {
        if (!token.stop_possible())
            return SAC_OK;
        auto stop = std::make_shared<detail::StopTokenCancel>(token);
        const sac_code code = stop->cancel().apply_to(handle_.get());
        callbacks_.push_back(std::move(stop));
        return code;
    }
#endif

    detail::RequestHandle handle_;
    Error error_;
    std::vector<std::shared_ptr<void>> callbacks_;
};

}  // namespace sac

#endif
