#include "check.hpp"

namespace {

std::string name_of(sac::JsonType type)
{
    switch (type) {
    case sac::JsonType::missing:
        return "missing";
    case sac::JsonType::null:
        return "null";
    case sac::JsonType::boolean:
        return "bool";
    case sac::JsonType::number:
        return "number";
    case sac::JsonType::string:
        return "string";
    case sac::JsonType::array:
        return "array";
    case sac::JsonType::object:
        return "object";
    }
    return "unknown";
}

/// If the case expects null, there must be no value of this type.
template <class T>
void check_as(const Part& expected, const std::string& what, const sac::Result<T>& actual)
{
    if (!expected.exists())
        return;
    same(what + " is there", !expected.is_null(), static_cast<bool>(actual));
    if (actual)
        same(what, expected.as<T>(), *actual);
}

sac::Result<std::string> text_at(const sac::Response& response, const std::string& pointer)
{
    const sac::View text = response.text(pointer);
    if (!text)
        return sac::Error(sac::Code::not_json);
    return text.str();
}

}  // namespace

void check_values(const Part& value, const sac::Response& response)
{
    const auto at = (value / "pointer").as<std::string>();
    const std::string type = name_of(response.type(at));
    same("type of " + at, (value / "type").as<std::string>(type), type);
    const std::size_t length = response.length(at);
    same("length of " + at, (value / "length").as<std::size_t>(length), length);
    check_as(value / "string", "string " + at, response.get<std::string>(at));
    check_as(value / "text", "text " + at, text_at(response, at));
    check_as(value / "int64", "integer " + at, response.get<std::int64_t>(at));
    check_as(value / "double", "number " + at, response.get<double>(at));
    check_as(value / "bool", "boolean " + at, response.get<bool>(at));
}
