/// @file
/// The response of a call.
#ifndef SAC_RESPONSE_HPP
#define SAC_RESPONSE_HPP

#include <sac/error.hpp>
#include <sac/json.hpp>
#include <sac/node.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace sac {

/// A header field of a response.
struct HeaderField {
    View name;  ///< In lower case.
    View value;  ///< UTF-8; bytes that are not are read as Latin-1.
};

/// The header fields of a response, valid as long as the response.
class HeaderList {
public:
    /// An input iterator over the fields.
    class Iterator {
    public:
        /// An input iterator.
        using iterator_category = std::input_iterator_tag;
        /// A field.
        using value_type = HeaderField;
        /// The distance between two fields.
        using difference_type = std::ptrdiff_t;
        /// A pointer to a field.
        using pointer = const HeaderField*;
        /// A field by value, because it is created when it is read.
        using reference = HeaderField;

        Iterator() noexcept : response_(nullptr), index_(0) {}
        /// At the field with this index.
        Iterator(const sac_response* response, std::size_t index) noexcept
            : response_(response), index_(index)
        {
        }

        /// The current field.
        HeaderField operator*() const noexcept
        {
            const char *name = nullptr, *value = nullptr;
            sac_response_header_at(response_, index_, &name, &value);
            return {View(name), View(value)};
        }
        /// Goes to the next field.
        Iterator& operator++() noexcept
        {
            ++index_;
            return *this;
        }
        /// Goes to the next field, and returns an iterator at the previous one.
        Iterator operator++(int) noexcept
        {
            Iterator before = *this;
            ++index_;
            return before;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept
        {
            return a.index_ == b.index_;
        }
        friend bool operator!=(const Iterator& a, const Iterator& b) noexcept { return !(a == b); }

    private:
        const sac_response* response_;
        std::size_t index_;
    };

    /// The fields of a response of the C interface, which may be NULL.
    explicit HeaderList(const sac_response* response) noexcept : response_(response) {}

    /// The first value of a field, its name in upper or lower case; absent if there is no such
    /// field.
    View operator[](const detail::CString& name) const noexcept
    {
        return View(sac_response_header(response_, name.c_str()));
    }

    /// The number of fields. A field that was sent twice counts twice.
    std::size_t size() const noexcept { return sac_response_header_count(response_); }
    /// Whether there is none.
    bool empty() const noexcept { return size() == 0; }
    /// At the first field.
    Iterator begin() const noexcept { return Iterator(response_, 0); }
    /// After the last field.
    Iterator end() const noexcept { return Iterator(response_, size()); }

private:
    const sac_response* response_;
};

/// The response of a call; true if the call succeeded. It does not change, so any number of threads
/// may read it at once. Views of it are valid as long as the response. On a temporary response, the
/// same functions return copies.
class Response {
    // In a member for temporaries, `*this` is an lvalue, so that a call without an object selects
    // the member for lvalues.
public:
    /// Takes ownership of a response of the C interface.
    explicit Response(sac_response* handle) noexcept : handle_(handle) {}

    /// The response of a call that was not made because of `error`.
    SAC_HPP_NODISCARD static Response refused(const Error& error)
    {
        Response response(nullptr);
        response.local_error_.reset(new LocalError(error));
        return response;
    }

    /// Whether the call succeeded: a complete response arrived, its status is below 400, and it has
    /// JSON if the caller asked for JSON.
    bool ok() const noexcept { return code() == Code::ok; }
    /// The same.
    explicit operator bool() const noexcept { return ok(); }

    /// `Code::ok`, or the code of the error.
    Code code() const noexcept
    {
        if (handle_)
            return static_cast<Code>(handle_->code);
        // After a move, there is neither.
        return local_error_ ? local_error_->error.code() : Code::null_argument;
    }

    /// The error; false if there is none.
    Error error() const
    {
        if (handle_)
            return detail::response_error(*handle_);
        return local_error_ ? local_error_->error : Error(Code::null_argument);
    }

    /// If there is an error, throws an Exception of the matching class, and moves the response into
    /// it.
    Response& or_throw() &
    {
        throw_unless_ok();
        return *this;
    }
    Response or_throw() &&
    {
        throw_unless_ok();
        return std::move(*this);
    }

    /// The HTTP status; 0 if no response arrived.
    int status() const noexcept { return handle_ ? handle_->status : 0; }

    /// The JSON text, always well-formed; after an error, an object with the member `"error"`.
    View json() const& noexcept
    {
        const sac_response* document = json_handle();
        return document ? View(document->json, document->json_len) : View("{}", 2);
    }
    std::string json() && { return json().str(); }

    /// How the JSON relates to the body.
    JsonState json_state() const noexcept
    {
        return handle_ ? static_cast<JsonState>(handle_->json_state) : JsonState::none;
    }

    /// The received bytes of the body, after content decoding.
    Bytes body() const& noexcept
    {
        return handle_ ? Bytes(handle_->body, handle_->body_len) : Bytes();
    }
    std::string body() && { return body().str(); }

    /// The reason phrase of the status line, as the server sent it; empty if there is none.
    View reason() const& noexcept { return View(sac_response_reason(handle_.get())); }
    std::string reason() && { return reason().str(); }

    /// The header fields: `response.headers()["content-type"]`, or a range of all fields.
    HeaderList headers() const& noexcept { return HeaderList(handle_.get()); }
    HeaderList headers() && = delete;

    /// The first value of a header field, its name in upper or lower case; absent if there is no
    /// such field.
    View header(const detail::CString& name) const& noexcept { return headers()[name]; }
    std::string header(const detail::CString& name) && { return header(name).str(); }

    /// The target of the `Link` header field (RFC 8288) with a relation, as a full URL; absent if
    /// there is none. `Client::path_of` converts it to a path for the next request.
    View link(const detail::CString& rel) const& noexcept
    {
        return View(sac_response_link(handle_.get(), rel.c_str()));
    }
    std::string link(const detail::CString& rel) && { return link(rel).str(); }

    /// The number of requests that were sent, without redirects.
    unsigned attempts() const noexcept { return handle_ ? handle_->attempts : 0; }

    /// The duration of the whole call, including waits.
    std::chrono::microseconds elapsed() const noexcept
    {
        return std::chrono::microseconds(handle_ ? handle_->elapsed_us : 0);
    }

    /// The journal: a JSON array with one object for each attempt (see `sac_response_journal`).
    View journal() const& noexcept
    {
        return handle_ ? View(sac_response_journal(handle_.get())) : View("[]", 2);
    }
    std::string journal() && { return journal().str(); }

    /// The TLS session on which the response arrived: a JSON object (see `sac_response_tls`); absent
    /// if it did not arrive over https.
    View tls() const& noexcept { return View(sac_response_tls(handle_.get())); }
    std::string tls() && { return tls().str(); }

    /// The member of the JSON object with this name, without escapes; missing if there is none:
    /// `response["items"][0]["name"]`. Valid as long as the response.
    Node operator[](const detail::ByteInput& name) const& { return root()[name]; }
    Node operator[](const detail::ByteInput& name) const&& = delete;

    /// The element of the JSON array with this index, from 0; missing if there is none. Valid as
    /// long as the response.
    template <class Index, class = detail::if_integer<Index>>
    Node operator[](Index index) const&
    {
        return root()[index];
    }
    template <class Index, class = detail::if_integer<Index>>
    Node operator[](Index index) const&& = delete;

    /// The outermost value of the JSON, valid as long as the response.
    Node root() const& noexcept { return find(""); }
    Node root() const&& = delete;

    /// The value at a JSON pointer (RFC 6901; `""` is the outermost value). Valid as long as the
    /// response.
    Node find(const detail::CString& pointer) const& noexcept
    {
        const sac_response* document = json_handle();
        return Node(document, sac_json_find(document, 0, pointer.c_str()),
                    local_error_ ? &local_error_->error : nullptr);
    }
    Node find(const detail::CString& pointer) const&& = delete;

    /// The value at a JSON pointer (RFC 6901; `""` is the outermost value): `bool`, any integer (if
    /// it fits; nothing is rounded), `float`, `double`, `std::string`, `View`, Node, with C++17
    /// `std::string_view` and `std::optional`, a `std::vector` or a map from `std::string` of
    /// those, and every type that JsonReader is specialised for. The error is that of the call, or
    /// `Code::not_json` if there is no such value.
    template <class T>
    Result<T> get(const detail::CString& pointer = "") const&
    {
        return read<T>(pointer);
    }
    template <class T>
    Result<T> get(const detail::CString& pointer = "") const&&
    {
        static_assert(!detail::refers_to_response<T>::value,
                      "this would refer to a temporary response: get a std::string");
        return read<T>(pointer);
    }

    /// The value at a JSON pointer; `fallback` if there is no such value.
    template <class T, class U>
    T get(const detail::CString& pointer, U&& fallback) const
    {
        return find(pointer).template get<T>(std::forward<U>(fallback));
    }

    /// The type of the value at a JSON pointer.
    JsonType type(const detail::CString& pointer) const noexcept
    {
        return find(pointer).type();
    }

    /// The number of elements or members at a JSON pointer; 0 if it is neither an array nor an
    /// object.
    std::size_t length(const detail::CString& pointer) const noexcept
    {
        return find(pointer).size();
    }

    /// The JSON text of the value at a pointer, unchanged: a number with its own digits, an object
    /// as a whole; absent if there is none.
    View text(const detail::CString& pointer) const& noexcept
    {
        return find(pointer).text();
    }
    std::string text(const detail::CString& pointer) && { return text(pointer).str(); }

    /// The string at a JSON pointer, with its escapes decoded; absent if there is none.
    View string(const detail::CString& pointer) const& noexcept
    {
        return find(pointer).string();
    }
    std::string string(const detail::CString& pointer) && { return string(pointer).str(); }

    /// The response of the C interface, still owned by this; NULL if the call was not made.
    const sac_response* c_api() const noexcept { return handle_.get(); }

    /// Gives up the response of the C interface. The caller frees it with `sac_response_free`.
    SAC_HPP_NODISCARD sac_response* release() noexcept { return handle_.release(); }

private:
    /// The error of a call that was not made, and a document with it.
    struct LocalError {
        explicit LocalError(const Error& error_) : error(error_)
        {
            const std::string json = "{\"error\": " + detail::json_quote(error.message()) + "}";
            document.reset(sac_json_parse(json.c_str(), json.size()));
        }

        Error error;
        detail::ResponseHandle document;
    };

    /// The response of the library that has the JSON.
    const sac_response* json_handle() const noexcept
    {
        return local_error_ ? local_error_->document.get() : handle_.get();
    }

    template <class T>
    Result<T> read(const detail::CString& pointer) const
    {
        T value = T();
        if (find(pointer).get_to(value))
            return Result<T>(std::move(value));
        if (!ok())
            return Result<T>(error());
        const char* path = pointer.c_str();
        return Result<T>(Error(Code::not_json, std::string("the response has no ") +
                                                   JsonReader<T>::what() + " at \"" +
                                                   (path ? path : "") + "\""));
    }

    void throw_unless_ok()
    {
        if (ok())
            return;
        Error cause = error();
        detail::raise(cause, std::make_shared<const Response>(std::move(*this)));
    }

    detail::ResponseHandle handle_;
    std::unique_ptr<LocalError> local_error_;
};

}  // namespace sac

#endif
