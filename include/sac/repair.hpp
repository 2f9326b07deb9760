/// @file
/// Repairing damaged JSON by itself.
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

/// Bytes of any kind, for as long as a function runs.
class Input {
public:
    Input(const char* text) noexcept : data_(text), size_(text ? std::strlen(text) : 0) {}
    Input(const std::string& text) noexcept : data_(text.data()), size_(text.size()) {}
    Input(View text) noexcept : data_(text.data()), size_(text.size()) {}
    Input(Bytes bytes) noexcept
        : data_(reinterpret_cast<const char*>(bytes.data())), size_(bytes.size())
    {
    }

#if __cplusplus >= 201703L
    Input(std::string_view text) noexcept : data_(text.data()), size_(text.size()) {}
#endif

    const char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

private:
    const char* data_;
    std::size_t size_;
};

}  // namespace detail

/// Makes well-formed JSON of a damaged text in any encoding that can be told, as responses do with
/// damaged bodies; a text that is well-formed comes back as it is. The error is `Code::not_json`
/// where nothing can be saved.
inline Result<std::string> json_repair(const detail::Input& text)
{
    char* json = nullptr;
    const sac_code code = sac_json_repair(text.data(), text.size(), &json);
    return detail::take_string(code, json);
}

}  // namespace sac

#endif
