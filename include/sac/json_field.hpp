/// @file
/// Values of the JSON body of a request.
#ifndef SAC_JSON_FIELD_HPP
#define SAC_JSON_FIELD_HPP

#include <sac/body.hpp>
#include <sac/json.hpp>
#include <sac/node.hpp>
#include <sac/text.hpp>

#include <sac.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#if __cplusplus >= 201703L
#include <optional>
#endif

namespace sac {

/// Writes a part of a response, with its own digits. A missing part is refused.
template <>
struct JsonWriter<Node> {
    static std::string write(const Node& node) { return node.text(); }
};

namespace detail {

/// The order of overloads: the last of these for which there is one is chosen.
struct Fallback {
};
struct Usual : Fallback {
};
struct Preferred : Usual {
};

/// Whether a type is a string of any kind.
template <class T>
struct is_text : std::integral_constant<bool, std::is_convertible<const T&, ByteInput>::value &&
                                                  !std::is_same<T, std::nullptr_t>::value &&
                                                  !std::is_same<T, Bytes>::value> {
};

}  // namespace detail

/// Values of the JSON body, each at a JSON pointer (RFC 6901): `JsonField("/name", "Kettle")`,
/// `JsonField{{"/name", "Kettle"}, {"/tags/-", "new"}}`. The library adds the quotes and the
/// escapes, and creates missing arrays and objects on the way. `-` appends to an array. A value
/// that is already there is replaced, also one of an earlier Json. `sac_request_json_string` has
/// the exact rules. For a request.
class JsonField {
public:
    /// `value`: a `bool`, an integer, a finite floating-point number, a string of any kind,
    /// `nullptr` for `null`, a Json for any text, a Node for a part of a response, a
    /// `std::optional`, a range or a map from `std::string` of such values, or a type that
    /// JsonWriter is specialised for. It is copied. A string that is NULL or absent is refused.
    template <class T>
    JsonField(detail::OwnedString pointer, const T& value)
    {
        put(pointer.str(), value, detail::Preferred());
    }

    /// The same with a list: `JsonField("/tags", {"new", "red"})`.
    template <class T>
    JsonField(detail::OwnedString pointer, std::initializer_list<T> values)
    {
        put(pointer.str(), values, detail::Preferred());
    }

    /// Several values, set in this order.
    JsonField(std::initializer_list<JsonField> fields)
    {
        for (const JsonField& field : fields)
            parts_.insert(parts_.end(), field.parts_.begin(), field.parts_.end());
    }

    sac_code apply_to(sac_request* request) const
    {
        for (const Part& part : parts_) {
            const sac_code code = part.set(request, detail::c_string(part.pointer));
            if (code != SAC_OK)
                return code;
        }
        return SAC_OK;
    }

private:
    using Set = std::function<sac_code(sac_request*, const char*)>;

    template <class Condition>
    using when = typename std::enable_if<Condition::value>::type;

    /// One call of the C interface.
    struct Part {
        std::string pointer;
        Set set;
    };

    void add(const std::string& pointer, Set set) { parts_.push_back({pointer, std::move(set)}); }

    void add_text(const std::string& pointer, const std::string& json)
    {
        add(pointer, [json](sac_request* request, const char* at) {
            return sac_request_json_text(request, at, detail::c_string(json));
        });
    }

    void add_null(const std::string& pointer) { add(pointer, sac_request_json_null); }

    static sac_code set_scalar(sac_request* request, const char* pointer, bool value)
    {
        return sac_request_json_bool(request, pointer, value);
    }
    static sac_code set_scalar(sac_request* request, const char* pointer, std::int64_t value)
    {
        return sac_request_json_int64(request, pointer, value);
    }
    static sac_code set_scalar(sac_request* request, const char* pointer, std::uint64_t value)
    {
        return sac_request_json_uint64(request, pointer, value);
    }
    static sac_code set_scalar(sac_request* request, const char* pointer, double value)
    {
        return sac_request_json_double(request, pointer, value);
    }

    template <class Scalar>
    void add_scalar(const std::string& pointer, Scalar value)
    {
        add(pointer, [value](sac_request* request, const char* at) {
            return set_scalar(request, at, value);
        });
    }

    /// Adds a string as the C interface expects it: without NULs.
    void add_string(const std::string& pointer, const std::string& text)
    {
        add(pointer, [text](sac_request* request, const char* at) {
            return sac_request_json_string(request, at, text.c_str());
        });
    }

    template <class T>
    auto put(const std::string& pointer, const T& value, detail::Preferred)
        -> decltype(void(JsonWriter<T>::write(value)))
    {
        add_text(pointer, JsonWriter<T>::write(value));
    }

    template <class T>
    when<std::is_same<T, Json>> put(const std::string& pointer, const T& json, detail::Usual)
    {
        add_text(pointer, json.c_str());
    }

    template <class T>
    when<std::is_same<T, std::nullptr_t>> put(const std::string& pointer, const T&, detail::Usual)
    {
        add_null(pointer);
    }

    template <class T>
    when<std::is_same<T, bool>> put(const std::string& pointer, const T& value, detail::Usual)
    {
        add_scalar(pointer, value);
    }

    template <class T>
    when<detail::is_integer<T>> put(const std::string& pointer, const T& value, detail::Usual)
    {
        using Wide = typename std::conditional<std::is_signed<T>::value, std::int64_t,
                                               std::uint64_t>::type;
        add_scalar<Wide>(pointer, value);
    }

    template <class T>
    when<std::is_floating_point<T>> put(const std::string& pointer, const T& value, detail::Usual)
    {
        add_scalar(pointer, static_cast<double>(value));
    }

    template <class T>
    when<detail::is_text<T>> put(const std::string& pointer, const T& value, detail::Usual)
    {
        const detail::ByteInput input = value;
        const std::string text = input.data() ? std::string(input.data(), input.size()) : "";
        if (!input.data())
            add(pointer, [](sac_request* request, const char* at) {
                return sac_request_json_string(request, at, nullptr);
            });
        else if (text.find('\0') != std::string::npos)
            add_text(pointer, detail::json_quote(text));
        else
            add_string(pointer, text);
    }

#if __cplusplus >= 201703L
    template <class T>
    void put(const std::string& pointer, const std::optional<T>& value, detail::Usual)
    {
        if (value)
            put(pointer, *value, detail::Preferred());
        else
            add_null(pointer);
    }
#endif

    template <class T>
    when<detail::is_string_map<T>> put(const std::string& pointer, const T& map, detail::Usual)
    {
        add_text(pointer, "{}");
        for (const auto& member : map) {
            const std::string& name = member.first;
            put(pointer + detail::member_pointer(name.data(), name.size()), member.second,
                detail::Preferred());
        }
    }

    template <class T, class Iterator = decltype(std::begin(std::declval<const T&>()))>
    void put(const std::string& pointer, const T& range, detail::Fallback)
    {
        // The elements of a `std::vector<bool>` may be of another type.
        using Element = typename std::iterator_traits<Iterator>::value_type;
        add_text(pointer, "[]");
        std::size_t index = 0;
        for (const Element& element : range)
            put(pointer + '/' + std::to_string(index++), element, detail::Preferred());
    }

    template <class T>
    void put(const std::string&, const T&, ...)
    {
        static_assert(sizeof(T) == 0, "this cannot be written as JSON: specialise sac::JsonWriter");
    }

    std::vector<Part> parts_;
};

}  // namespace sac

#endif
