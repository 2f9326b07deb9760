/// @file
/// What a request carries.
#ifndef SAC_BODY_HPP
#define SAC_BODY_HPP

#include <sac/text.hpp>

#include <sac.h>

#include <string>
#include <type_traits>
#include <utility>

namespace sac {

/// How a value of type `T` is written as JSON: specialise it for types of your own, with
/// `static std::string write(const T&)`.
template <class T, class = void>
struct JsonWriter;

/// A JSON body: a well-formed text, sent as it stands, or any value that JsonWriter is specialised
/// for (with sac/nlohmann.hpp a `nlohmann::json`). For a request.
class Json {
public:
    Json(detail::Owned text) : text_(std::move(text)) {}
    Json(const char* text) : text_(text) {}
    Json(std::string text) : text_(std::move(text)) {}

    template <class T, class = decltype(JsonWriter<T>::write(std::declval<const T&>()))>
    Json(const T& value) : text_(JsonWriter<T>::write(value))
    {
    }

    const char* c_str() const noexcept { return text_.c_str(); }
    sac_code apply_to(sac_request* request) const { return sac_request_set_json(request, c_str()); }

private:
    detail::Owned text_;
};

/// A body of bytes. For a request.
class Body {
public:
    Body(detail::Owned content_type, std::string bytes)
        : content_type_(std::move(content_type)), bytes_(std::move(bytes))
    {
    }
    Body(detail::Owned content_type, const void* bytes, std::size_t size)
        : content_type_(std::move(content_type)),
          bytes_(size ? std::string(static_cast<const char*>(bytes), size) : std::string())
    {
    }

    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_body(request, content_type_.c_str(),
                                    reinterpret_cast<const std::uint8_t*>(bytes_.data()),
                                    bytes_.size());
    }

private:
    detail::Owned content_type_;
    std::string bytes_;
};

}  // namespace sac

#endif
