/// @file
/// Reading JSON values as C++ types.
#ifndef SAC_JSON_HPP
#define SAC_JSON_HPP

#include <sac/response.hpp>

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#if __cplusplus >= 201703L
#include <optional>
#endif

namespace sac {

/// `true` or `false`.
template <>
struct JsonReader<bool> {
    static const char* what() noexcept { return "boolean"; }
    static bool read(const Response& response, const char* pointer, bool& out) noexcept
    {
        return sac_json_bool(response.c_api(), pointer, &out);
    }
};

namespace detail {

template <class T>
bool narrow(std::int64_t value, T& out, std::true_type /* signed */) noexcept
{
    if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max())
        return false;
    out = static_cast<T>(value);
    return true;
}

template <class T>
bool narrow(std::int64_t value, T& out, std::false_type /* unsigned */) noexcept
{
    if (value < 0 || static_cast<std::uint64_t>(value) > std::numeric_limits<T>::max())
        return false;
    out = static_cast<T>(value);
    return true;
}

template <class T>
struct is_integer
    : std::integral_constant<bool, std::is_integral<T>::value && !std::is_same<T, bool>::value &&
                                       !std::is_same<T, char>::value> {
};

}  // namespace detail

/// An integer. If it does not fit the type, there is no value: nothing is rounded or truncated.
template <class T>
struct JsonReader<T, typename std::enable_if<detail::is_integer<T>::value>::type> {
    static const char* what() noexcept { return "integer that fits"; }
    static bool read(const Response& response, const char* pointer, T& out) noexcept
    {
        std::int64_t value = 0;
        if (sac_json_int64(response.c_api(), pointer, &value))
            return detail::narrow(value, out, std::is_signed<T>());
        std::uint64_t large = 0;
        if (sizeof(T) < sizeof large || std::is_signed<T>::value ||
            !sac_json_uint64(response.c_api(), pointer, &large))
            return false;
        out = static_cast<T>(large);
        return true;
    }
};

/// A number, rounded to the nearest. If it exceeds the range of the type, there is no value.
template <class T>
struct JsonReader<T, typename std::enable_if<std::is_floating_point<T>::value>::type> {
    static const char* what() noexcept { return "number"; }
    static bool read(const Response& response, const char* pointer, T& out) noexcept
    {
        double value = 0;
        if (!sac_json_double(response.c_api(), pointer, &value))
            return false;
        if (value > static_cast<double>(std::numeric_limits<T>::max()) ||
            value < static_cast<double>(std::numeric_limits<T>::lowest()))
            return false;
        out = static_cast<T>(value);
        return true;
    }
};

/// A string, valid as long as the response.
template <>
struct JsonReader<View> {
    static const char* what() noexcept { return "string"; }
    static bool read(const Response& response, const char* pointer, View& out) noexcept
    {
        out = response.string(pointer);
        return static_cast<bool>(out);
    }
};

/// A copy of a string.
template <>
struct JsonReader<std::string> {
    static const char* what() noexcept { return "string"; }
    static bool read(const Response& response, const char* pointer, std::string& out)
    {
        const View text = response.string(pointer);
        if (text)
            out.assign(text.data(), text.size());
        return static_cast<bool>(text);
    }
};

/// An array whose elements are all of one type.
template <class T>
struct JsonReader<std::vector<T>> {
    static const char* what() noexcept { return "array of such values"; }
    static bool read(const Response& response, const char* pointer, std::vector<T>& out)
    {
        if (response.type(pointer) != JsonType::array)
            return false;
        const std::size_t length = response.length(pointer);
        std::vector<T> values;
        values.reserve(length);
        const std::string prefix = std::string(pointer) + '/';
        for (std::size_t i = 0; i < length; ++i) {
            T value = T();
            if (!JsonReader<T>::read(response, (prefix + std::to_string(i)).c_str(), value))
                return false;
            values.push_back(std::move(value));
        }
        out = std::move(values);
        return true;
    }
};

#if __cplusplus >= 201703L

/// A value that may be missing or `null`.
template <class T>
struct JsonReader<std::optional<T>> {
    static const char* what() noexcept { return JsonReader<T>::what(); }
    static bool read(const Response& response, const char* pointer, std::optional<T>& out)
    {
        const JsonType type = response.type(pointer);
        if (type == JsonType::missing || type == JsonType::null) {
            out.reset();
            return response.ok();
        }
        return JsonReader<T>::read(response, pointer, out.emplace());
    }
};

#endif

}  // namespace sac

#endif
