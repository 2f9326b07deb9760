/// @file
/// Values of the JSON body of a request.
#ifndef SAC_JSON_FIELD_HPP
#define SAC_JSON_FIELD_HPP

#include <sac/body.hpp>
#include <sac/json.hpp>
#include <sac/node.hpp>
#include <sac/text.hpp>

#include <sac.h>

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <iomanip>
#include <iterator>
#include <locale>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#if __cplusplus >= 201703L
#include <charconv>
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

/// The shortest text that reads as the same number, which is finite. No locale changes it.
inline std::string double_text(double number)
{
    std::string text;
#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
    char buffer[32];
    text.assign(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
#else
    bool is_same = false;
    for (int digits = 15; digits <= 17 && !is_same; ++digits) {
        std::stringstream stream;
        stream.imbue(std::locale::classic());
        stream << std::setprecision(digits) << number;
        text = stream.str();
        double read = 0;
        // A text that is rounded up from the largest number cannot be read.
        is_same = (stream >> read) && read == number;
    }
#endif
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

/// A value as JSON text.
class JsonText {
public:
    template <class T>
    explicit JsonText(const T& value)
    {
        append(value, Preferred());
    }

    /// Sets the value in the JSON body of a request.
    sac_code set(sac_request* request, const char* pointer) const
    {
        if (has_absent_string_)
            return sac_request_json_string(request, pointer, nullptr);
        if (!is_finite_)
            return sac_request_json_double(request, pointer, std::nan(""));
        return sac_request_json_text(request, pointer, c_string(text_));
    }

private:
    template <class Condition>
    using when = typename std::enable_if<Condition::value>::type;

    template <class T>
    auto append(const T& value, Preferred) -> decltype(void(JsonWriter<T>::write(value)))
    {
        text_ += JsonWriter<T>::write(value);
    }

    template <class T>
    when<std::is_same<T, Json>> append(const T& json, Usual)
    {
        text_ += json.c_str();
    }

    template <class T>
    when<std::is_same<T, std::nullptr_t>> append(const T&, Usual)
    {
        text_ += "null";
    }

    template <class T>
    when<std::is_same<T, bool>> append(const T& value, Usual)
    {
        text_ += value ? "true" : "false";
    }

    template <class T>
    when<is_integer<T>> append(const T& value, Usual)
    {
        text_ += std::to_string(value);
    }

    template <class T>
    when<std::is_floating_point<T>> append(const T& value, Usual)
    {
        const double number = static_cast<double>(value);
        is_finite_ = is_finite_ && std::isfinite(number);
        text_ += double_text(number);
    }

    template <class T>
    when<is_text<T>> append(const T& value, Usual)
    {
        const ByteInput text = value;
        has_absent_string_ = has_absent_string_ || !text.data();
        text_ += json_quote(text.data() ? std::string(text.data(), text.size()) : "");
    }

#if __cplusplus >= 201703L
    template <class T>
    void append(const std::optional<T>& value, Usual)
    {
        if (value)
            append(*value, Preferred());
        else
            text_ += "null";
    }
#endif

    template <class T>
    when<is_string_map<T>> append(const T& map, Usual)
    {
        const char* before = "{";
        for (const auto& member : map) {
            text_ += before + json_quote(member.first) + ':';
            append(member.second, Preferred());
            before = ",";
        }
        text_ += map.empty() ? "{}" : "}";
    }

    template <class T, class Iterator = decltype(std::begin(std::declval<const T&>()))>
    void append(const T& range, Fallback)
    {
        static_assert(!std::is_same<T, Bytes>::value, "bytes are not JSON: encode them as a string");
        // The elements of a `std::vector<bool>` may be of another type.
        using Element = typename std::iterator_traits<Iterator>::value_type;
        const std::size_t start = text_.size();
        for (const Element& element : range) {
            text_ += text_.size() == start ? '[' : ',';
            append(element, Preferred());
        }
        text_ += text_.size() == start ? "[]" : "]";
    }

    template <class T>
    void append(const T&, ...)
    {
        static_assert(sizeof(T) == 0, "this cannot be written as JSON: specialise sac::JsonWriter");
    }

    std::string text_;
    bool has_absent_string_ = false;
    bool is_finite_ = true;
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
        parts_.push_back({pointer.str(), detail::JsonText(value)});
    }

    /// The same with a list: `JsonField("/tags", {"new", "red"})`.
    template <class T>
    JsonField(detail::OwnedString pointer, std::initializer_list<T> values)
    {
        parts_.push_back({pointer.str(), detail::JsonText(values)});
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
            const sac_code code = part.value.set(request, detail::c_string(part.pointer));
            if (code != SAC_OK)
                return code;
        }
        return SAC_OK;
    }

private:
    struct Part {
        std::string pointer;
        detail::JsonText value;
    };

    std::vector<Part> parts_;
};

}  // namespace sac

#endif
