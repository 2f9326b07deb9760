/// @file
/// The client.
#ifndef SAC_CLIENT_HPP
#define SAC_CLIENT_HPP

#include <sac/callback.hpp>
#include <sac/credential.hpp>
#include <sac/request.hpp>
#include <sac/response.hpp>

#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace sac {

/// A client for one API: a base URL, a scope of headers, cookies and credentials, and settings. May
/// be used from any number of threads at once, setters included; a call works on the settings as
/// they were when it began. After `fork` the child may go on using its copy.
///
/// A client that could not be made as asked answers every call with its error and sends nothing;
/// look at `error()`, or call `or_throw()`, to learn of it at once.
class Client {
public:
    /// `base_url`: `http://` or `https://`, a host, optionally a port and a base path, which every
    /// request's path goes behind. The options may come in any order. No connection is made yet.
    template <class... Options>
    explicit Client(const detail::Argument& base_url, const Options&... options)
    {
        sac_client* client = nullptr;
        error_ = detail::base_url_error(sac_client_new(base_url.c_str(), &client));
        handle_.reset(client);
        if (!error_)
            error_ = set(options...);
    }

    /// Takes over a client of the C interface.
    explicit Client(sac_client* handle) noexcept : handle_(handle) {}

    /// Moved from, a client answers every call with `Code::null_argument`.
    Client(Client&&) noexcept = default;
    /// The same.
    Client& operator=(Client&&) noexcept = default;
    virtual ~Client() = default;

    /// A scope of its own, such as for one incoming request: the same connections and limits, with
    /// copies of the settings, headers, cookies and credentials; from then on, what is set on one
    /// does not reach the other.
    template <class... Options>
    SAC_HPP_NODISCARD Client clone(const Options&... options) const
    {
        Client copy(sac_client_clone(handle_.get()));
        copy.kept_ = kept_.share();
        copy.error_ = error_;
        if (!copy.error_)
            copy.error_ = copy.set(options...);
        return copy;
    }

    /// What was refused when the client was made, if anything was.
    const Error& error() const noexcept { return error_; }

    /// Throws that error.
    const Client& or_throw() const
    {
        error_.or_throw();
        return *this;
    }

    /// Nothing to set: the end of the other one.
    Error set() noexcept { return Error(); }

    /// Sets options, up to the first that is refused; calls that have begun are not affected.
    template <class Option, class... More>
    Error set(const Option& option, const More&... more)
    {
        Error error = detail::to_error(apply(option));
        return error ? error : set(more...);
    }

    /// Removes a header field; one that is not there is no error.
    Error remove_header(const detail::Argument& name)
    {
        return detail::to_error(sac_remove_header(handle_.get(), name.c_str()));
    }

    /// Removes a cookie, signed or not; one that is not there is no error.
    Error remove_cookie(const detail::Argument& name)
    {
        return detail::to_error(sac_remove_cookie(handle_.get(), name.c_str()));
    }

    /// Forgets all headers, cookies and credentials; settings stay.
    void reset() noexcept { sac_client_reset(handle_.get()); }

    /// The path to ask for, for a full URL of this client's origin, as it stands in a `Location` or
    /// `Link` header or under `"next"`.
    Result<std::string> path_of(const detail::Argument& url) const
    {
        char* path = nullptr;
        const sac_code code = sac_client_path_of(handle_.get(), url.c_str(), &path);
        return detail::take_string(code, path);
    }

    /// The counters of this client and all its clones, as a JSON object (see `sac_client_stats`).
    Result<std::string> stats() const
    {
        char* text = nullptr;
        const sac_code code = sac_client_stats(handle_.get(), &text);
        return detail::take_string(code, text);
    }

    /// Gets a resource. Asks for `application/json`.
    SAC_HPP_NODISCARD Response get(const detail::Argument& path) const
    {
        return perform([&] { return sac_get(handle_.get(), path.c_str()); });
    }

    /// Gets a resource: `api.get("/v1/items", sac::Query{"page", "2"}, sac::Retries(3))`.
    template <class... Options>
    SAC_HPP_NODISCARD Response get(const detail::Argument& path, const Options&... options) const
    {
        return request("GET", path, options...);
    }

    /// Gets a resource that need not be JSON; its bytes are in the response's body.
    SAC_HPP_NODISCARD Response get_binary(const detail::Argument& path) const
    {
        return perform([&] { return sac_get_binary(handle_.get(), path.c_str()); });
    }
    /// The same, with options.
    template <class... Options>
    SAC_HPP_NODISCARD Response get_binary(const detail::Argument& path,
                                          const Options&... options) const
    {
        return request("GET", path, Header{"Accept", "application/octet-stream"}, options...);
    }

    /// Deletes a resource.
    SAC_HPP_NODISCARD Response del(const detail::Argument& path) const
    {
        return perform([&] { return sac_delete(handle_.get(), path.c_str()); });
    }
    /// The same, with options.
    template <class... Options>
    SAC_HPP_NODISCARD Response del(const detail::Argument& path, const Options&... options) const
    {
        return request("DELETE", path, options...);
    }

    /// Asks for the headers alone.
    template <class... Options>
    SAC_HPP_NODISCARD Response head(const detail::Argument& path, const Options&... options) const
    {
        return request("HEAD", path, options...);
    }

    /// Posts, without a body.
    SAC_HPP_NODISCARD Response post(const detail::Argument& path) const
    {
        return perform([&] { return sac_post_json(handle_.get(), path.c_str(), nullptr); });
    }
    /// Posts JSON.
    SAC_HPP_NODISCARD Response post(const detail::Argument& path, const Json& json) const
    {
        return perform([&] { return sac_post_json(handle_.get(), path.c_str(), json.c_str()); });
    }
    /// Posts a form.
    SAC_HPP_NODISCARD Response post(const detail::Argument& path, const Form& form) const
    {
        return perform([&] { return post_form(path, form); });
    }
    /// Posts a Json, a Form or a Body, with options.
    template <class... Options>
    SAC_HPP_NODISCARD Response post(const detail::Argument& path, const Options&... options) const
    {
        return request("POST", path, options...);
    }

    /// Puts, without a body.
    SAC_HPP_NODISCARD Response put(const detail::Argument& path) const
    {
        return perform([&] { return sac_put_json(handle_.get(), path.c_str(), nullptr); });
    }
    /// Puts JSON.
    SAC_HPP_NODISCARD Response put(const detail::Argument& path, const Json& json) const
    {
        return perform([&] { return sac_put_json(handle_.get(), path.c_str(), json.c_str()); });
    }
    /// Puts a Json, a Form or a Body, with options.
    template <class... Options>
    SAC_HPP_NODISCARD Response put(const detail::Argument& path, const Options&... options) const
    {
        return request("PUT", path, options...);
    }

    /// Patches, without a body.
    SAC_HPP_NODISCARD Response patch(const detail::Argument& path) const
    {
        return perform([&] { return sac_patch_json(handle_.get(), path.c_str(), nullptr); });
    }
    /// Patches with JSON.
    SAC_HPP_NODISCARD Response patch(const detail::Argument& path, const Json& json) const
    {
        return perform([&] { return sac_patch_json(handle_.get(), path.c_str(), json.c_str()); });
    }
    /// Patches with a Json, a Form or a Body, with options.
    template <class... Options>
    SAC_HPP_NODISCARD Response patch(const detail::Argument& path, const Options&... options) const
    {
        return request("PATCH", path, options...);
    }

    /// Sends a request of any method.
    template <class... Options>
    SAC_HPP_NODISCARD Response request(const detail::Argument& method, const detail::Argument& path,
                                       const Options&... options) const
    {
        return send(Request(method, path, options...));
    }

    /// Sends a request.
    SAC_HPP_NODISCARD Response send(const Request& request) const
    {
        if (request.error() && !error_)
            return on_response(Response::refused(request.error()));
        return perform([&] { return sac_send(handle_.get(), request.c_api()); });
    }

    /// Sends many requests, up to `parallel` of them at a time, and waits for all: the responses
    /// come in the order of the requests. `requests`: a container of Request, or of
    /// `std::reference_wrapper<const Request>`, in which one may stand more than once. Callbacks
    /// are called on threads that end before this returns; what they throw is not thrown again.
    template <class Requests>
    SAC_HPP_NODISCARD std::vector<Response> send_all(const Requests& requests,
                                                     unsigned parallel = 4) const
    {
        std::vector<const Request*> asked;
        std::vector<const sac_request*> handles;
        for (const Request& request : requests) {
            asked.push_back(&request);
            handles.push_back(error_ || request.error() ? nullptr : request.c_api());
        }
        std::vector<Response> responses = send_handles(handles, parallel);
        for (std::size_t i = 0; i < asked.size(); ++i) {
            if (error_ || asked[i]->error())
                responses[i] = Response::refused(error_ ? error_ : asked[i]->error());
            responses[i] = on_response(std::move(responses[i]));
        }
        return responses;
    }

    /// The client of the C interface, still owned by this.
    sac_client* c_api() const noexcept { return handle_.get(); }

    /// Gives up the client of the C interface, to be freed with `sac_client_free`. The functions of
    /// OnLog and OnRetry are taken off it, since they end with this object.
    SAC_HPP_NODISCARD sac_client* release() noexcept
    {
        if (!kept_.empty()) {
            sac_set_logger(handle_.get(), nullptr, nullptr, SAC_LOG_ERROR);
            sac_set_retry_callback(handle_.get(), nullptr, nullptr);
        }
        return handle_.release();
    }

protected:
    /// Every response passes through here before the caller has it; a more specific client may
    /// look at it, or put another in its place. Called on the thread that makes the call.
    virtual Response on_response(Response response) const { return response; }

private:
    template <class Option>
    sac_code apply(const Option& option)
    {
        static_assert(detail::is_option_of<Option, sac_client>(),
                      "this is no option of a client, but perhaps one of a request");
        return option.apply_to(handle_.get());
    }

    sac_code apply(const OnLog& option)
    {
        const auto level = static_cast<std::int32_t>(option.level);
        if (!option.callback)
            return sac_set_logger(handle_.get(), nullptr, nullptr, level);
        return sac_set_logger(handle_.get(), detail::on_log, keep(option.callback), level);
    }

    sac_code apply(const OnRetry& option)
    {
        if (!option.callback)
            return sac_set_retry_callback(handle_.get(), nullptr, nullptr);
        return sac_set_retry_callback(handle_.get(), detail::on_retry, keep(option.callback));
    }

    /// Where a function lives from now on.
    template <class Function>
    void* keep(const Function& function)
    {
        auto kept = std::make_shared<Function>(function);
        void* place = kept.get();
        kept_.add(std::move(kept));
        return place;
    }

    sac_response* post_form(const detail::Argument& path, const Form& form) const
    {
        std::vector<const char*> fields;
        fields.reserve(form.fields().size() * 2 + 1);
        for (const Field& field : form.fields()) {
            fields.push_back(field.name());
            fields.push_back(field.value());
        }
        fields.push_back(nullptr);
        return sac_post_form(handle_.get(), path.c_str(), fields.data());
    }

    std::vector<Response> send_handles(const std::vector<const sac_request*>& requests,
                                       unsigned parallel) const
    {
        std::vector<Response> responses;
        const std::size_t count = requests.size();
        if (count == 0)
            return responses;
        responses.reserve(count);
        // Some run on this thread.
        const detail::Thrown dropped;
        sac_response** array = sac_send_all(handle_.get(), requests.data(), count, parallel);
        if (!array)
            throw std::bad_alloc();
        for (std::size_t i = 0; i < count; ++i) {
            responses.emplace_back(array[i]);
            array[i] = nullptr;
        }
        sac_responses_free(array, count);
        return responses;
    }

    /// Makes a call, and hands over what came of it.
    template <class Call>
    Response perform(const Call& call) const
    {
        if (error_)
            return on_response(Response::refused(error_));
        const detail::Thrown thrown;
        Response response(call());
        thrown.again();
        return on_response(std::move(response));
    }

    // The functions outlive the handle that may call them: members end in reverse order.
    detail::Keep kept_;
    detail::ClientHandle handle_;
    Error error_;
};

}  // namespace sac

#endif
