/// @file
/// The body of a request.
#ifndef SAC_BODY_HPP
#define SAC_BODY_HPP

#include <sac/text.hpp>

#include <sac.h>

#include <string>
#include <type_traits>
#include <utility>

namespace sac {

/// Writes a value of type `T` as JSON. Specialise it for your own types, with
/// `static std::string write(const T&)`.
template <class T, class = void>
struct JsonWriter;

/// A JSON body: a well-formed text, sent unchanged, or a value of a type that JsonWriter is
/// specialised for (with sac/nlohmann.hpp, `nlohmann::json`). For a request.
class Json {
public:
    /// A text of well-formed JSON; any other text gives `Code::invalid_json`.
    Json(detail::OwnedString text) : text_(std::move(text)) {}
    /// The same.
    Json(const char* text) : text_(text) {}
    /// The same.
    Json(std::string text) : text_(std::move(text)) {}

    /// A value that JsonWriter can write.
    template <class T, class = decltype(JsonWriter<T>::write(std::declval<const T&>()))>
    Json(const T& value) : text_(JsonWriter<T>::write(value))
    {
    }

    /// The text, valid as long as this object.
    const char* c_str() const noexcept { return text_.c_str(); }
    sac_code apply_to(sac_request* request) const { return sac_request_set_json(request, c_str()); }

private:
    detail::OwnedString text_;
};

/// A body of bytes. For a request.
class Body {
public:
    /// `content_type`: the media type, such as `application/octet-stream`.
    Body(detail::OwnedString content_type, std::string bytes)
        : content_type_(std::move(content_type)), bytes_(std::move(bytes))
    {
    }
    /// The same; the bytes are copied.
    Body(detail::OwnedString content_type, const void* bytes, std::size_t size)
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
    detail::OwnedString content_type_;
    std::string bytes_;
};

/// A file as the body. It is opened when the request is sent, and read while it is sent. For a
/// request.
class BodyFile {
public:
    /// `content_type`: the media type. `path`: a regular file.
    BodyFile(detail::OwnedString content_type, detail::OwnedString path)
        : content_type_(std::move(content_type)), path_(std::move(path))
    {
    }

    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_body_file(request, content_type_.c_str(), path_.c_str());
    }

private:
    detail::OwnedString content_type_, path_;
};

/// A part of a multipart form (`multipart/form-data`, RFC 7578). Pass one for each part:
/// `Part("note", "see there")`, `Part("photo", bytes, "me.jpg", "image/jpeg")`. For a request.
class Part {
public:
    /// A plain field.
    Part(detail::OwnedString name, std::string content)
        : name_(std::move(name)), content_(std::move(content))
    {
    }

    /// A file with the name that the server receives.
    Part(detail::OwnedString name, std::string content, detail::OwnedString file_name,
         detail::OwnedString content_type = "application/octet-stream")
        : name_(std::move(name)),
          content_(std::move(content)),
          file_name_(std::move(file_name)),
          content_type_(std::move(content_type)),
          is_file_(true)
    {
    }

    sac_code apply_to(sac_request* request) const
    {
        return sac_request_add_part(request, name_.c_str(), is_file_ ? file_name_.c_str() : nullptr,
                                    is_file_ ? content_type_.c_str() : nullptr,
                                    reinterpret_cast<const std::uint8_t*>(content_.data()),
                                    content_.size());
    }

private:
    detail::OwnedString name_;
    std::string content_;
    detail::OwnedString file_name_{""}, content_type_{""};
    bool is_file_ = false;
};

/// A file on disk as a part of a multipart form. The server receives the last component of the path
/// as the file name. For a request.
class PartFile {
public:
    /// `path`: a regular file, opened when the request is sent.
    PartFile(detail::OwnedString name, detail::OwnedString path,
             detail::OwnedString content_type = "application/octet-stream")
        : name_(std::move(name)), path_(std::move(path)), content_type_(std::move(content_type))
    {
    }

    sac_code apply_to(sac_request* request) const
    {
        return sac_request_add_part_file(request, name_.c_str(), path_.c_str(),
                                         content_type_.c_str());
    }

private:
    detail::OwnedString name_, path_, content_type_;
};

}  // namespace sac

#endif
