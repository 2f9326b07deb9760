/// @file
/// What came of a call.
#ifndef SAC_RESPONSE_HPP
#define SAC_RESPONSE_HPP

#include <sac/error.hpp>

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

/// The header fields of a response, valid as long as that is.
class HeaderList {
public:
    /// Goes from one field to the next; an input iterator.
    class Iterator {
    public:
        /// It is read once.
        using iterator_category = std::input_iterator_tag;
        /// A field.
        using value_type = HeaderField;
        /// Between two of them.
        using difference_type = std::ptrdiff_t;
        /// To a field.
        using pointer = const HeaderField*;
        /// A field by value: it is made on the way.
        using reference = HeaderField;

        Iterator() noexcept : response_(nullptr), index_(0) {}
        /// At the field with this number.
        Iterator(const sac_response* response, std::size_t index) noexcept
            : response_(response), index_(index)
        {
        }

        /// The field that it stands at.
        HeaderField operator*() const noexcept
        {
            const char *name = nullptr, *value = nullptr;
            sac_response_header_at(response_, index_, &name, &value);
            return {View(name), View(value)};
        }
        /// Goes to the next one.
        Iterator& operator++() noexcept
        {
            ++index_;
            return *this;
        }
        /// Goes to the next one, and gives the one before.
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

    /// Of a response of the C interface, which may be NULL.
    explicit HeaderList(const sac_response* response) noexcept : response_(response) {}

    /// The first value of a field, its name in any case; absent where there is none.
    View operator[](const detail::Argument& name) const noexcept
    {
        return View(sac_response_header(response_, name.c_str()));
    }

    /// The number of fields; one sent twice counts twice.
    std::size_t size() const noexcept { return sac_response_header_count(response_); }
    /// Whether there is none.
    bool empty() const noexcept { return size() == 0; }
    /// At the first field.
    Iterator begin() const noexcept { return Iterator(response_, 0); }
    /// Behind the last one.
    Iterator end() const noexcept { return Iterator(response_, size()); }

private:
    const sac_response* response_;
};

/// How a value of type `T` is read out of JSON: specialise it for types of your own, with
/// `static const char* what()`, what is looked for in words, and
/// `static bool read(const Response&, const char* pointer, T& out)`.
template <class T, class = void>
struct JsonReader;

/// What came of a call; true where all went well. It does not change, so any number of threads may
/// read it at once. What is read out of it lives as long as it does; on a temporary response the
/// same functions give strings of their own.
class Response {
    // Inside a member for temporaries the object has a name, so that a call without one goes to
    // the member for the lasting.
public:
    /// Takes over a response of the C interface.
    explicit Response(sac_response* handle) noexcept : handle_(handle) {}

    /// A call that could not be made: `error` says why.
    SAC_HPP_NODISCARD static Response refused(const Error& error)
    {
        Response response(nullptr);
        response.refusal_.reset(new Refusal(error));
        return response;
    }

    /// Whether all went well: an answer arrived whole, its status is below 400, and where JSON was
    /// asked for, JSON could be had.
    bool ok() const noexcept { return code() == Code::ok; }
    /// The same.
    explicit operator bool() const noexcept { return ok(); }

    /// `Code::ok`, or what went wrong.
    Code code() const noexcept
    {
        if (handle_)
            return static_cast<Code>(handle_->code);
        // One that has been moved from holds nothing.
        return refusal_ ? refusal_->error.code() : Code::null_argument;
    }

    /// What went wrong; false where nothing did.
    Error error() const
    {
        if (handle_)
            return handle_->error ? Error(code(), handle_->error) : Error(code());
        return refusal_ ? refusal_->error : Error(Code::null_argument);
    }

    /// Throws an Exception of the fitting kind, into which the response is moved, where something
    /// went wrong.
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

    /// The HTTP status; 0 where no answer arrived.
    int status() const noexcept { return handle_ ? handle_->status : 0; }

    /// JSON text, always well-formed; where something went wrong, an object with an `"error"`.
    View json() const& noexcept
    {
        if (handle_)
            return View(handle_->json, handle_->json_len);
        return refusal_ ? View(refusal_->json.c_str(), refusal_->json.size()) : View("{}", 2);
    }
    std::string json() && { return json().str(); }

    /// How the JSON relates to the body.
    JsonState json_state() const noexcept
    {
        return handle_ ? static_cast<JsonState>(handle_->json_state) : JsonState::none;
    }

    /// The body's bytes as received, with content coding undone.
    Bytes body() const& noexcept
    {
        return handle_ ? Bytes(handle_->body, handle_->body_len) : Bytes();
    }
    std::string body() && { return body().str(); }

    /// The reason phrase of the status line as the server sent it; empty if there is none.
    View reason() const& noexcept { return View(sac_response_reason(handle_.get())); }
    std::string reason() && { return reason().str(); }

    /// The header fields: `response.headers()["content-type"]`, or one after the other.
    HeaderList headers() const& noexcept { return HeaderList(handle_.get()); }
    HeaderList headers() && = delete;

    /// The first value of a header field, its name in any case; absent where there is none.
    View header(const detail::Argument& name) const& noexcept { return headers()[name]; }
    std::string header(const detail::Argument& name) && { return header(name).str(); }

    /// The target of the `Link` header field (RFC 8288) with a relation, as a full URL; absent
    /// where there is none. `Client::path_of` makes of it a path to ask for.
    View link(const detail::Argument& rel) const& noexcept
    {
        return View(sac_response_link(handle_.get(), rel.c_str()));
    }
    std::string link(const detail::Argument& rel) && { return link(rel).str(); }

    /// Requests put on the wire, redirect hops not counted.
    unsigned attempts() const noexcept { return handle_ ? handle_->attempts : 0; }

    /// The whole call, waits included.
    std::chrono::microseconds elapsed() const noexcept
    {
        return std::chrono::microseconds(handle_ ? handle_->elapsed_us : 0);
    }

    /// What each attempt did, as a JSON array with an object for each (see `sac_response_journal`).
    View journal() const& noexcept
    {
        return handle_ ? View(sac_response_journal(handle_.get())) : View("[]", 2);
    }
    std::string journal() && { return journal().str(); }

    /// The value at a JSON pointer (RFC 6901; `""` is the whole): `bool`, any integer (where it
    /// fits; nothing is rounded), `float`, `double`, `std::string`, `View`, `std::vector` of those,
    /// and whatever JsonReader is specialised for. The error is that of the call, or
    /// `Code::not_json` where there is no such value.
    template <class T>
    Result<T> get(const detail::Argument& pointer = "") const&
    {
        return read<T>(pointer);
    }
    template <class T>
    Result<T> get(const detail::Argument& pointer = "") &&
    {
        static_assert(!std::is_same<T, View>::value,
                      "a View into a temporary response would dangle: get a std::string");
        return read<T>(pointer);
    }

    /// The value at a JSON pointer; `otherwise` where it cannot be had.
    template <class T, class U>
    T get(const detail::Argument& pointer, U&& otherwise) const
    {
        static_assert(!std::is_same<T, View>::value, "get a std::string");
        T value = T();
        return JsonReader<T>::read(*this, pointer.c_str(), value)
                   ? std::move(value)
                   : static_cast<T>(std::forward<U>(otherwise));
    }

    /// The type of the value at a JSON pointer.
    JsonType type(const detail::Argument& pointer) const noexcept
    {
        if (refusal_)
            return refusal_->type(pointer.c_str());
        return static_cast<JsonType>(sac_json_type_of(handle_.get(), pointer.c_str()));
    }

    /// The number of elements or members at a JSON pointer; 0 where it is neither.
    std::size_t length(const detail::Argument& pointer) const noexcept
    {
        if (refusal_)
            return refusal_->type(pointer.c_str()) == JsonType::object ? 1 : 0;
        return sac_json_length(handle_.get(), pointer.c_str());
    }

    /// The JSON text of the value at a pointer: a number with its own digits, an object as a
    /// whole; absent where there is none.
    View text(const detail::Argument& pointer) const& noexcept
    {
        if (refusal_)
            return refusal_->text(pointer.c_str());
        std::size_t length = 0;
        const char* text = sac_json_text(handle_.get(), pointer.c_str(), &length);
        return View(text, length);
    }
    std::string text(const detail::Argument& pointer) && { return text(pointer).str(); }

    /// The string at a JSON pointer, its escapes undone; absent where there is none.
    View string(const detail::Argument& pointer) const& noexcept
    {
        if (refusal_)
            return refusal_->string(pointer.c_str());
        std::size_t length = 0;
        const char* text = sac_json_string(handle_.get(), pointer.c_str(), &length);
        return View(text, length);
    }
    std::string string(const detail::Argument& pointer) && { return string(pointer).str(); }

    /// The response of the C interface, still owned by this; NULL where the call was refused
    /// before it could be made.
    const sac_response* c_api() const noexcept { return handle_.get(); }

    /// Gives up the response of the C interface, to be freed with `sac_response_free`.
    SAC_HPP_NODISCARD sac_response* release() noexcept { return handle_.release(); }

private:
    /// Stands in for a response of the library where there is none.
    struct Refusal {
        explicit Refusal(const Error& why)
            : error(why), quoted(quote(why.message())), json("{\"error\": " + quoted + "}")
        {
        }

        static std::string quote(const char* text)
        {
            std::string out = "\"";
            for (; *text; ++text) {
                if (*text == '"' || *text == '\\')
                    out += '\\';
                out += *text;
            }
            return out + '"';
        }

        JsonType type(const char* pointer) const noexcept
        {
            if (pointer && !*pointer)
                return JsonType::object;
            return string(pointer) ? JsonType::string : JsonType::missing;
        }

        View string(const char* pointer) const noexcept
        {
            return pointer && std::strcmp(pointer, "/error") == 0 ? View(error.message()) : View();
        }

        View text(const char* pointer) const noexcept
        {
            if (pointer && !*pointer)
                return View(json.c_str(), json.size());
            return string(pointer) ? View(quoted.c_str(), quoted.size()) : View();
        }

        Error error;
        std::string quoted;
        std::string json;
    };

    template <class T>
    Result<T> read(const detail::Argument& pointer) const
    {
        T value = T();
        if (JsonReader<T>::read(*this, pointer.c_str(), value))
            return Result<T>(std::move(value));
        if (!ok())
            return Result<T>(error());
        const char* where = pointer.c_str();
        return Result<T>(Error(Code::not_json, std::string("the answer has no ") +
                                                   JsonReader<T>::what() + " at \"" +
                                                   (where ? where : "") + "\""));
    }

    void throw_unless_ok()
    {
        if (ok())
            return;
        Error what = error();
        detail::raise(what, std::make_shared<const Response>(std::move(*this)));
    }

    detail::ResponseHandle handle_;
    std::unique_ptr<Refusal> refusal_;
};

}  // namespace sac

#include <sac/json.hpp>

#endif
