/// @file
/// `nlohmann::json` in and out: `response.get<nlohmann::json>("/items")`,
/// `client.post("/v1/items", sac::Json(value))`. `sac.hpp` includes this file if nlohmann/json.hpp
/// is included before it. Otherwise include this file yourself.
#ifndef SAC_NLOHMANN_HPP
#define SAC_NLOHMANN_HPP

#include <sac/body.hpp>
#include <sac/node.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace sac {
namespace detail {

template <class Value>
struct NlohmannReader {
    static const char* what() noexcept { return "value"; }

    /// If nlohmann::json cannot represent a value, such as `1e999`, there is no value.
    static bool read(const Node& node, Value& out)
    {
        const View text = node.text();
        if (!text)
            return false;
        Value value = Value::parse(text.begin(), text.end(), nullptr, false);
        if (value.is_discarded())
            return false;
        out = std::move(value);
        return true;
    }
};

template <class Value>
struct NlohmannWriter {
    /// Throws `nlohmann::json::type_error` if a string is not UTF-8.
    static std::string write(const Value& value) { return value.dump(); }
};

}  // namespace detail

template <>
struct JsonReader<nlohmann::json> : detail::NlohmannReader<nlohmann::json> {
};
template <>
struct JsonReader<nlohmann::ordered_json> : detail::NlohmannReader<nlohmann::ordered_json> {
};
template <>
struct JsonWriter<nlohmann::json> : detail::NlohmannWriter<nlohmann::json> {
};
template <>
struct JsonWriter<nlohmann::ordered_json> : detail::NlohmannWriter<nlohmann::ordered_json> {
};

}  // namespace sac

#endif
