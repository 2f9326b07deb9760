/// @file
/// The client.
#ifndef SAC_CLIENT_HPP
#define SAC_CLIENT_HPP

#include <sac/attempt.hpp>
#include <sac/callback.hpp>
#include <sac/credential.hpp>
#include <sac/request.hpp>
#include <sac/response.hpp>
#include <sac/stream.hpp>
#include <sac/token.hpp>

#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace sac {

/// A client for one API: a base URL, settings, and a scope of headers, cookies and credentials. Any
/// number of threads may use it at once, also to change settings. A running call keeps the settings
/// that it started with. After `fork`, the child may use its copy.
///
/// If the constructor fails, every call returns its error and sends nothing. `error()` and
/// `or_throw()` report it at once.
class Client {
public:
    /// `base_url`: `http://` or `https://`, a host, and optionally a port and a base path. The path
    /// of each request is appended to the base path. The options may be in any order. This opens no
    /// connection.
    template <class... Options>
    explicit Client(const detail::CString& base_url, const Options&... options)
    {
        sac_client* client = nullptr;
        error_ = detail::base_url_error(sac_client_new(base_url.c_str(), &client));
        handle_.reset(client);
        if (!error_)
            error_ = set(options...);
    }

    /// Takes ownership of a client of the C interface.
    explicit Client(sac_client* handle) noexcept : handle_(handle) {}

    /// After the move, every call of the other client returns `Code::null_argument`.
    Client(Client&&) noexcept = default;
    /// The same.
    Client& operator=(Client&&) noexcept = default;
    virtual ~Client() = default;

    /// Creates a separate scope, for example for one incoming request. The new client starts with a
    /// copy of the settings, headers, cookies and credentials. Later changes to one client do not
    /// affect the other. Connections, the rate limit and the counters are shared.
    template <class... Options>
    SAC_HPP_NODISCARD Client clone(const Options&... options) const
    {
        Client copy(sac_client_clone(handle_.get()));
        copy.callbacks_ = callbacks_.share();
        copy.has_token_callback_ = has_token_callback_;
        copy.error_ = error_;
        if (!copy.error_)
            copy.error_ = copy.set(options...);
        return copy;
    }

    /// The error of the constructor; false if there was none.
    const Error& error() const noexcept { return error_; }

    /// Throws that error.
    const Client& or_throw() const
    {
        error_.or_throw();
        return *this;
    }

    /// Sets nothing: the end of the recursion.
    Error set() noexcept { return Error(); }

    /// Sets options, until one is refused. Running calls are not affected.
    template <class Option, class... More>
    Error set(const Option& option, const More&... more)
    {
        Error error = detail::to_error(apply(option));
        return error ? error : set(more...);
    }

    /// Removes a header field. It is not an error if there is no such field.
    Error remove_header(const detail::CString& name)
    {
        return detail::to_error(sac_remove_header(handle_.get(), name.c_str()));
    }

    /// Removes a cookie, signed or not. It is not an error if there is no such cookie.
    Error remove_cookie(const detail::CString& name)
    {
        return detail::to_error(sac_remove_cookie(handle_.get(), name.c_str()));
    }

    /// Removes all headers, cookies and credentials. The settings stay.
    void reset() noexcept { sac_client_reset(handle_.get()); }

    /// Converts a full URL of this client's origin to a path for `get`. Such URLs are in `Location`
    /// and `Link` header fields, or in members such as `"next"`.
    Result<std::string> path_of(const detail::CString& url) const
    {
        char* path = nullptr;
        const sac_code code = sac_client_path_of(handle_.get(), url.c_str(), &path);
        return detail::take_string(code, path);
    }

    /// Closes the connections of this client and its clones that no request is using.
    void close_idle() const noexcept { sac_client_close_idle(handle_.get()); }

    /// The counters of this client and all its clones, as a JSON object (see `sac_client_stats`).
    Result<std::string> stats() const
    {
        char* text = nullptr;
        const sac_code code = sac_client_stats(handle_.get(), &text);
        return detail::take_string(code, text);
    }

    /// Sends a GET request. It asks for `application/json`.
    SAC_HPP_NODISCARD Response get(const detail::CString& path) const
    {
        return perform([&] { return sac_get(handle_.get(), path.c_str()); });
    }

    /// Sends a GET request: `api.get("/v1/items", sac::Query{"page", "2"}, sac::Retries(3))`.
    template <class... Options>
    SAC_HPP_NODISCARD Response get(const detail::CString& path, const Options&... options) const
    {
        return request("GET", path, options...);
    }

    /// Sends a GET request for data that need not be JSON. The bytes are in the response's body.
    SAC_HPP_NODISCARD Response get_binary(const detail::CString& path) const
    {
        return perform([&] { return sac_get_binary(handle_.get(), path.c_str()); });
    }
    /// The same, with options.
    template <class... Options>
    SAC_HPP_NODISCARD Response get_binary(const detail::CString& path,
                                          const Options&... options) const
    {
        return request("GET", path, Header{"Accept", "application/octet-stream"}, options...);
    }

    /// Sends a DELETE request.
    SAC_HPP_NODISCARD Response del(const detail::CString& path) const
    {
        return perform([&] { return sac_delete(handle_.get(), path.c_str()); });
    }
    /// The same, with options.
    template <class... Options>
    SAC_HPP_NODISCARD Response del(const detail::CString& path, const Options&... options) const
    {
        return request("DELETE", path, options...);
    }

    /// Sends a HEAD request.
    template <class... Options>
    SAC_HPP_NODISCARD Response head(const detail::CString& path, const Options&... options) const
    {
        return request("HEAD", path, options...);
    }

    /// Sends a POST request without a body.
    SAC_HPP_NODISCARD Response post(const detail::CString& path) const
    {
        return perform([&] { return sac_post_json(handle_.get(), path.c_str(), nullptr); });
    }
    /// Sends a POST request with JSON.
    SAC_HPP_NODISCARD Response post(const detail::CString& path, const Json& json) const
    {
        return perform([&] { return sac_post_json(handle_.get(), path.c_str(), json.c_str()); });
    }
    /// Sends a POST request with a form.
    SAC_HPP_NODISCARD Response post(const detail::CString& path, const Form& form) const
    {
        return perform([&] { return post_form(path, form); });
    }
    /// Sends a POST request with a Json, a Form or a Body, and options.
    template <class... Options>
    SAC_HPP_NODISCARD Response post(const detail::CString& path, const Options&... options) const
    {
        return request("POST", path, options...);
    }

    /// Sends a PUT request without a body.
    SAC_HPP_NODISCARD Response put(const detail::CString& path) const
    {
        return perform([&] { return sac_put_json(handle_.get(), path.c_str(), nullptr); });
    }
    /// Sends a PUT request with JSON.
    SAC_HPP_NODISCARD Response put(const detail::CString& path, const Json& json) const
    {
        return perform([&] { return sac_put_json(handle_.get(), path.c_str(), json.c_str()); });
    }
    /// Sends a PUT request with a Json, a Form or a Body, and options.
    template <class... Options>
    SAC_HPP_NODISCARD Response put(const detail::CString& path, const Options&... options) const
    {
        return request("PUT", path, options...);
    }

    /// Sends a PATCH request without a body.
    SAC_HPP_NODISCARD Response patch(const detail::CString& path) const
    {
        return perform([&] { return sac_patch_json(handle_.get(), path.c_str(), nullptr); });
    }
    /// Sends a PATCH request with JSON.
    SAC_HPP_NODISCARD Response patch(const detail::CString& path, const Json& json) const
    {
        return perform([&] { return sac_patch_json(handle_.get(), path.c_str(), json.c_str()); });
    }
    /// Sends a PATCH request with a Json, a Form or a Body, and options.
    template <class... Options>
    SAC_HPP_NODISCARD Response patch(const detail::CString& path, const Options&... options) const
    {
        return request("PATCH", path, options...);
    }

    /// Sends a request with any method.
    template <class... Options>
    SAC_HPP_NODISCARD Response request(const detail::CString& method, const detail::CString& path,
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

    /// Sends a GET request, and returns when the head of its response is there. The body is read
    /// from the stream: `api.stream("/v1/log", sac::Retries(5))`. OnData and OutputFile give
    /// `Code::invalid_argument`.
    template <class... Options>
    SAC_HPP_NODISCARD Stream stream(const detail::CString& path, const Options&... options) const
    {
        return stream(Request("GET", path, options...));
    }
    /// The same with any request. The request and the client may be destroyed before the stream.
    SAC_HPP_NODISCARD Stream stream(const Request& request) const
    {
        if (error_ || request.error())
            return Stream::refused(error_ ? error_ : request.error());
        const detail::PendingException pending;
        Stream stream(sac_stream_open(handle_.get(), request.c_api()));
        pending.rethrow();
        stream.state_->client_callbacks = callbacks_.share();
        stream.state_->request_callbacks = request.callbacks_;
        return stream;
    }

    /// Sends many requests, at most `parallel` at a time, and waits for all of them. Returns the
    /// responses in the order of the requests. `requests`: a container of Request, or of
    /// `std::reference_wrapper<const Request>`, which may contain the same request more than once.
    /// Callbacks run on several threads, which end before this returns. Their exceptions are not
    /// thrown again.
    template <class Requests>
    SAC_HPP_NODISCARD std::vector<Response> send_all(const Requests& requests,
                                                     unsigned parallel = 4) const
    {
        std::vector<const Request*> sources;
        std::vector<const sac_request*> handles;
        for (const Request& request : requests) {
            sources.push_back(&request);
            handles.push_back(error_ || request.error() ? nullptr : request.c_api());
        }
        std::vector<Response> responses = send_handles(handles, parallel);
        for (std::size_t i = 0; i < sources.size(); ++i) {
            if (error_ || sources[i]->error())
                responses[i] = Response::refused(error_ ? error_ : sources[i]->error());
            responses[i] = on_response(std::move(responses[i]));
        }
        return responses;
    }

    /// The client of the C interface, still owned by this.
    sac_client* c_api() const noexcept { return handle_.get(); }

    /// Gives up the client of the C interface. The caller frees it with `sac_client_free`. The
    /// callbacks of OnLog, OnRetry, OnAttempt, OnToken and OnTokenSaved are removed from it, because
    /// they end with this object.
    SAC_HPP_NODISCARD sac_client* release() noexcept
    {
        if (!callbacks_.empty()) {
            sac_set_logger(handle_.get(), nullptr, nullptr, SAC_LOG_ERROR);
            sac_set_retry_callback(handle_.get(), nullptr, nullptr);
            sac_set_attempt_callback(handle_.get(), nullptr, nullptr);
            sac_set_token_saved_callback(handle_.get(), nullptr, nullptr);
        }
        if (has_token_callback_)
            sac_set_token_callback(handle_.get(), nullptr, nullptr);
        return handle_.release();
    }

protected:
    /// Receives every response before the caller does, except the head of a Stream. A derived
    /// client may inspect it or return another one. Called on the thread that makes the call.
    virtual Response on_response(Response response) const { return response; }

private:
    template <class Option>
    sac_code apply(const Option& option)
    {
        static_assert(detail::is_option_of<Option, sac_client>(),
                      "this is not an option of a client, but perhaps one of a request");
        return option.apply_to(handle_.get());
    }

    sac_code apply(const OnLog& option)
    {
        const auto level = static_cast<std::int32_t>(option.level);
        if (!option.callback)
            return sac_set_logger(handle_.get(), nullptr, nullptr, level);
        return sac_set_logger(handle_.get(), detail::on_log, retain(option.callback), level);
    }

    sac_code apply(const OnRetry& option)
    {
        if (!option.callback)
            return sac_set_retry_callback(handle_.get(), nullptr, nullptr);
        return sac_set_retry_callback(handle_.get(), detail::on_retry, retain(option.callback));
    }

    sac_code apply(const OnAttempt& option)
    {
        if (!option.callback)
            return sac_set_attempt_callback(handle_.get(), nullptr, nullptr);
        return sac_set_attempt_callback(handle_.get(), detail::on_attempt,
                                        retain(option.callback));
    }

    sac_code apply(const OnToken& option)
    {
        has_token_callback_ = static_cast<bool>(option.callback);
        if (!option.callback)
            return sac_set_token_callback(handle_.get(), nullptr, nullptr);
        return sac_set_token_callback(handle_.get(), detail::on_token, retain(option.callback));
    }

    sac_code apply(const OnTokenSaved& option)
    {
        if (!option.callback)
            return sac_set_token_saved_callback(handle_.get(), nullptr, nullptr);
        return sac_set_token_saved_callback(handle_.get(), detail::on_token_saved,
                                            retain(option.callback));
    }

    sac_code apply(const BearerFile& option) { return apply_source(option); }
    sac_code apply(const ClientCredentials& option) { return apply_source(option); }
    sac_code apply(const RefreshToken& option) { return apply_source(option); }

    /// Sets a source of tokens that replaces that of OnToken.
    template <class Option>
    sac_code apply_source(const Option& option)
    {
        const sac_code code = option.apply_to(handle_.get());
        if (code == SAC_OK)
            has_token_callback_ = false;
        return code;
    }

    /// Stores a copy of a function, and returns its address.
    template <class Function>
    void* retain(const Function& function)
    {
        auto copy = std::make_shared<Function>(function);
        void* userdata = copy.get();
        callbacks_.add(std::move(copy));
        return userdata;
    }

    sac_response* post_form(const detail::CString& path, const Form& form) const
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
        // Some callbacks run on this thread.
        const detail::PendingException ignored;
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

    /// Makes a call, and returns its response.
    template <class Call>
    Response perform(const Call& call) const
    {
        if (error_)
            return on_response(Response::refused(error_));
        const detail::PendingException pending;
        Response response(call());
        pending.rethrow();
        return on_response(std::move(response));
    }

    // The callbacks outlive the handle that may call them: members are destroyed in reverse order.
    detail::CallbackOwner callbacks_;
    detail::Flag has_token_callback_;
    detail::ClientHandle handle_;
    Error error_;
};

}  // namespace sac

#endif
