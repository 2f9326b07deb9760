/// @file
/// Reading JSON values as C++ types.
#ifndef SAC_JSON_HPP
#define SAC_JSON_HPP

#include <sac/node.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#if __cplusplus >= 201703L
#include <optional>
#include <string_view>
#endif

namespace sac {

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

/// Whether a type is a map from `std::string`.
template <class T, class = void>
struct is_string_map : std::false_type {
};
template <class T>
struct is_string_map<
    T, typename std::enable_if<std::is_same<typename T::key_type, std::string>::value &&
                               sizeof(typename T::mapped_type) != 0>::type> : std::true_type {
};

template <class T, class>
struct refers_to_response : std::false_type {
};
template <>
struct refers_to_response<View> : std::true_type {
};
template <>
struct refers_to_response<Node> : std::true_type {
};
template <class T>
struct refers_to_response<std::vector<T>> : refers_to_response<T> {
};
template <class T>
struct refers_to_response<T, typename std::enable_if<is_string_map<T>::value>::type>
    : refers_to_response<typename T::mapped_type> {
};

#if __cplusplus >= 201703L
template <>
struct refers_to_response<std::string_view> : std::true_type {
};
template <class T>
struct refers_to_response<std::optional<T>> : refers_to_response<T> {
};
#endif

/// Reads a string as a type that refers to it or copies it.
template <class Text>
bool read_string(const Node& node, Text& out)
{
    const View text = node.string();
    if (!text)
        return false;
    out = Text(text.data(), text.size());
    return true;
}

}  // namespace detail

/// `true` or `false`.
template <>
struct JsonReader<bool> {
    static const char* what() noexcept { return "boolean"; }
    static bool read(const Node& node, bool& out) noexcept
    {
        return sac_node_bool(node.c_response(), node.c_api(), &out);
    }
};

/// An integer. If it does not fit the type, there is no value: nothing is rounded or truncated.
template <class T>
struct JsonReader<T, typename std::enable_if<detail::is_integer<T>::value>::type> {
    static const char* what() noexcept { return "integer that fits"; }
    static bool read(const Node& node, T& out) noexcept
    {
        std::int64_t value = 0;
        if (sac_node_int64(node.c_response(), node.c_api(), &value))
            return detail::narrow(value, out, std::is_signed<T>());
        std::uint64_t large = 0;
        if (sizeof(T) < sizeof large || std::is_signed<T>::value ||
            !sac_node_uint64(node.c_response(), node.c_api(), &large))
            return false;
        out = static_cast<T>(large);
        return true;
    }
};

/// A number, rounded to the nearest. If it exceeds the range of the type, there is no value.
template <class T>
struct JsonReader<T, typename std::enable_if<std::is_floating_point<T>::value>::type> {
    static const char* what() noexcept { return "number"; }
    static bool read(const Node& node, T& out) noexcept
    {
        double value = 0;
        if (!sac_node_double(node.c_response(), node.c_api(), &value))
            return false;
        using Limits = std::numeric_limits<T>;
        const double max = static_cast<double>(Limits::max());
        // Half a unit in the last place above the maximum: from there on, a number rounds to infinity.
        const double too_large = max + std::ldexp(1.0, Limits::max_exponent - Limits::digits - 1);
        if (std::fabs(value) >= too_large)
            return false;
        value = value > max ? max : value < -max ? -max : value;
        out = static_cast<T>(value);
        return true;
    }
};

/// A string, valid as long as the response.
template <>
struct JsonReader<View> {
    static const char* what() noexcept { return "string"; }
    static bool read(const Node& node, View& out) noexcept
    {
        return detail::read_string(node, out);
    }
};

/// A copy of a string.
template <>
struct JsonReader<std::string> {
    static const char* what() noexcept { return "string"; }
    static bool read(const Node& node, std::string& out) { return detail::read_string(node, out); }
};

/// A value that exists, of any type.
template <>
struct JsonReader<Node> {
    static const char* what() noexcept { return "value"; }
    static bool read(const Node& node, Node& out) noexcept
    {
        if (!node.exists())
            return false;
        out = node;
        return true;
    }
};

/// An array whose elements are all of one type.
template <class T>
struct JsonReader<std::vector<T>> {
    static const char* what() noexcept { return "array of such values"; }
    static bool read(const Node& node, std::vector<T>& out)
    {
        if (node.type() != JsonType::array)
            return false;
        std::vector<T> values;
        values.reserve(node.size());
        for (const Node element : node) {
            T value = T();
            if (!element.get_to(value))
                return false;
            values.push_back(std::move(value));
        }
        out = std::move(values);
        return true;
    }
};

/// An object whose members are all of one type, as a map from `std::string`. Of several members
/// with the same name, the last one counts.
template <class T>
struct JsonReader<T, typename std::enable_if<detail::is_string_map<T>::value>::type> {
    static const char* what() noexcept { return "object of such values"; }
    static bool read(const Node& node, T& out)
    {
        if (node.type() != JsonType::object)
            return false;
        T values;
        // Names whose last value so far has another type.
        std::set<std::string> unfit;
        for (const Node member : node) {
            typename T::mapped_type value = typename T::mapped_type();
            const std::string name = member.name().str();
            if (!member.get_to(value)) {
                unfit.insert(name);
                continue;
            }
            if (!unfit.empty())
                unfit.erase(name);
            values[name] = std::move(value);
        }
        if (!unfit.empty())
            return false;
        out = std::move(values);
        return true;
    }
};

#if __cplusplus >= 201703L

/// A string, valid as long as the response.
template <>
struct JsonReader<std::string_view> {
    static const char* what() noexcept { return "string"; }
    static bool read(const Node& node, std::string_view& out) noexcept
    {
        return detail::read_string(node, out);
    }
};

/// A value that may be missing or `null`.
template <class T>
struct JsonReader<std::optional<T>> {
    static const char* what() noexcept { return JsonReader<T>::what(); }
    static bool read(const Node& node, std::optional<T>& out)
    {
        const JsonType type = node.type();
        if (type == JsonType::missing || type == JsonType::null) {
            out.reset();
            return !node.call_error();
        }
        return node.get_to(out.emplace());
    }
};

#endif

}  // namespace sac

#endif
