/// @file
/// Repairing damaged JSON without a client.
#ifndef SAC_REPAIR_HPP
#define SAC_REPAIR_HPP

#include <sac/error.hpp>

#include <string>

namespace sac {

/// Repairs a JSON text by the same rules as the body of a response. The library detects UTF-8,
/// UTF-16, UTF-32 and Latin-1. Well-formed text stays unchanged. The error is `Code::not_json` if
/// nothing can be repaired.
inline Result<std::string> json_repair(const detail::ByteInput& text)
{
    char* json = nullptr;
    const sac_code code = sac_json_repair(text.data(), text.size(), &json);
    return detail::take_string(code, json);
}

}  // namespace sac

#endif
