/// @file
/// Repairing damaged JSON without a client.
#ifndef SAC_REPAIR_HPP
#define SAC_REPAIR_HPP

#include <sac/error.hpp>

#include <cstddef>
#include <cstring>
#include <string>

#if __cplusplus >= 201703L
#include <string_view>
#endif

namespace sac {

namespace detail {

/// Bytes of any type, as the argument of a function.
class ByteInput {
public:
    ByteInput(const char* text) noexcept : data_(text), size_(text ? std::strlen(text) : 0) {}
    ByteInput(const std::string& text) noexcept : data_(text.data()), size_(text.size()) {}
    ByteInput(View text) noexcept : data_(text.data()), size_(text.size()) {}
    ByteInput(Bytes bytes) noexcept
        : data_(reinterpret_cast<const char*>(bytes.data())), size_(bytes.size())
    {
    }

#if __cplusplus >= 201703L
    ByteInput(std::string_view text) noexcept : data_(text.data()), size_(text.size()) {}
#endif

    const char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

private:
    const char* data_;
    std::size_t size_;
};

}  // namespace detail

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
