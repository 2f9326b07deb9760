/// @file
/// Strings for the library and from the library.
#ifndef SAC_TEXT_HPP
#define SAC_TEXT_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <utility>

#if __cplusplus >= 201703L
#include <string_view>
#endif

/// With C++17, the compiler warns about an ignored result.
#if __cplusplus >= 201703L
#define SAC_HPP_NODISCARD [[nodiscard]]
#else
#define SAC_HPP_NODISCARD
#endif

namespace sac {

/// A string that the library owns, for example in a response. It is valid as long as its owner. It
/// is NUL-terminated and may contain NULs. An absent string is not the same as an empty one: `if
/// (auto location = response.header("Location")) …`.
class View {
public:
    /// Absent.
    constexpr View() noexcept : data_(nullptr), size_(0) {}

    /// `data[size]` is a NUL. If `data` is NULL, the string is absent.
    constexpr View(const char* data, std::size_t size) noexcept : data_(data), size_(size) {}

    /// Up to the NUL. If `text` is NULL, the string is absent.
    explicit View(const char* text) noexcept : data_(text), size_(text ? std::strlen(text) : 0) {}

    /// Whether the string is present.
    constexpr explicit operator bool() const noexcept { return data_ != nullptr; }

    /// Never NULL: an absent string gives an empty one.
    constexpr const char* c_str() const noexcept { return data_ ? data_ : ""; }
    /// The same.
    constexpr const char* data() const noexcept { return c_str(); }
    /// The length in bytes, without the NUL.
    constexpr std::size_t size() const noexcept { return size_; }
    /// Whether the string is absent or has no bytes.
    constexpr bool empty() const noexcept { return size_ == 0; }
    /// The first byte.
    constexpr const char* begin() const noexcept { return c_str(); }
    /// After the last byte, at the NUL.
    constexpr const char* end() const noexcept { return c_str() + size_; }

    /// A copy that outlives the owner.
    std::string str() const { return std::string(c_str(), size_); }
    /// The same.
    operator std::string() const { return str(); }

#if __cplusplus >= 201703L
    /// As a `std::string_view`, valid as long as the owner. With C++17.
    constexpr operator std::string_view() const noexcept { return {c_str(), size_}; }
#endif

    friend bool operator==(View a, View b) noexcept { return equal(a, b.c_str(), b.size()); }
    friend bool operator!=(View a, View b) noexcept { return !(a == b); }
    friend bool operator==(View a, const char* b) noexcept { return equal(a, b, std::strlen(b)); }
    friend bool operator!=(View a, const char* b) noexcept { return !(a == b); }
    friend bool operator==(const char* a, View b) noexcept { return b == a; }
    friend bool operator!=(const char* a, View b) noexcept { return !(b == a); }
    friend bool operator==(View a, const std::string& b) noexcept
    {
        return equal(a, b.data(), b.size());
    }
    friend bool operator!=(View a, const std::string& b) noexcept { return !(a == b); }
    friend bool operator==(const std::string& a, View b) noexcept { return b == a; }
    friend bool operator!=(const std::string& a, View b) noexcept { return !(b == a); }

    /// Writes the string; writes nothing if it is absent.
    friend std::ostream& operator<<(std::ostream& out, View text)
    {
        return out.write(text.c_str(), static_cast<std::streamsize>(text.size()));
    }

private:
    static bool equal(View a, const char* data, std::size_t size) noexcept
    {
        return a.size_ == size && std::memcmp(a.c_str(), data, size) == 0;
    }

    const char* data_;
    std::size_t size_;
};

/// Bytes of a response, valid as long as the response. They are a contiguous range, which converts
/// to a `std::span<const std::uint8_t>` with C++20.
class Bytes {
public:
    /// No bytes.
    constexpr Bytes() noexcept : data_(nullptr), size_(0) {}
    /// `size` bytes at `data`, which this object does not own.
    constexpr Bytes(const std::uint8_t* data, std::size_t size) noexcept : data_(data), size_(size)
    {
    }

    /// The first byte.
    constexpr const std::uint8_t* data() const noexcept { return data_; }
    /// The number of bytes.
    constexpr std::size_t size() const noexcept { return size_; }
    /// Whether there are none.
    constexpr bool empty() const noexcept { return size_ == 0; }
    /// The first byte.
    constexpr const std::uint8_t* begin() const noexcept { return data_; }
    /// After the last byte.
    constexpr const std::uint8_t* end() const noexcept { return data_ + size_; }
    /// The byte with this index, from 0. The index is not checked.
    constexpr std::uint8_t operator[](std::size_t index) const noexcept { return data_[index]; }

    /// A copy that outlives the response.
    std::string str() const { return std::string(begin(), end()); }
    /// The same.
    operator std::string() const { return str(); }

    /// Writes the bytes unchanged.
    friend std::ostream& operator<<(std::ostream& out, Bytes bytes)
    {
        return out << View(reinterpret_cast<const char*>(bytes.data_), bytes.size_);
    }

private:
    const std::uint8_t* data_;
    std::size_t size_;
};

namespace detail {

/// A string as C expects it. C would read only the part before a NUL inside it, so such a string
/// becomes a byte that the library refuses (`Code::invalid_utf8`).
inline const char* c_string(const char* data, std::size_t size) noexcept
{
    return size == 0 || !std::memchr(data, '\0', size) ? data : "\xff";
}

inline const char* c_string(const std::string& text) noexcept
{
    return c_string(text.c_str(), text.size());
}

/// A string argument of a function. A string that is NUL-terminated is not copied. NULL stays NULL,
/// for which the library returns `Code::null_argument`.
class CString {
public:
    CString(const char* text) noexcept : text_(text) {}
    CString(const std::string& text) noexcept : text_(c_string(text)) {}
    CString(View text) noexcept : text_(c_string(text.c_str(), text.size())) {}

#if __cplusplus >= 201703L
    CString(std::string_view text) : copy_(text), text_(c_string(copy_)) {}
#endif

    CString(const CString&) = delete;
    CString& operator=(const CString&) = delete;

    const char* c_str() const noexcept { return text_; }

private:
    // A member in every standard, so that the layout is the same.
    std::string copy_;
    const char* text_;
};

/// Bytes of any type, as the argument of a function. They may contain NULs. NULL and an absent View
/// are NULL.
class ByteInput {
public:
    ByteInput(const char* text) noexcept : data_(text), size_(text ? std::strlen(text) : 0) {}
    ByteInput(const std::string& text) noexcept : data_(text.data()), size_(text.size()) {}
    ByteInput(View text) noexcept : data_(text ? text.data() : nullptr), size_(text.size()) {}
    ByteInput(Bytes bytes) noexcept
        : data_(reinterpret_cast<const char*>(bytes.data())), size_(bytes.size())
    {
    }

#if __cplusplus >= 201703L
    ByteInput(std::string_view text) noexcept
        : data_(text.data() ? text.data() : ""), size_(text.size())
    {
    }
#endif

    const char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

private:
    const char* data_;
    std::size_t size_;
};

/// The text as a string of JSON (RFC 8259 section 7).
inline std::string json_quote(const std::string& text)
{
    static const char digits[] = "0123456789abcdef";
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    std::string out = "\"";
    for (const char c : text) {
        const unsigned byte = static_cast<unsigned char>(c);
        if (const char* at = c ? std::strchr(escaped, c) : nullptr)
            out += {'\\', letters[at - escaped]};
        else if (byte < 0x20)
            out += {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
        else
            out += c;
    }
    return out + '"';
}

/// The copy of a string that an option owns.
class OwnedString {
public:
    /// NULL becomes a string that the library refuses, like a string with a NUL inside it.
    OwnedString(const char* text) : text_(text ? std::string(text) : std::string(1, '\0')) {}
    OwnedString(std::string text) noexcept : text_(std::move(text)) {}
    OwnedString(View text) : text_(text.str()) {}

#if __cplusplus >= 201703L
    OwnedString(std::string_view text) : text_(text) {}
#endif

    const char* c_str() const noexcept { return c_string(text_); }
    const std::string& str() const noexcept { return text_; }

private:
    std::string text_;
};

}  // namespace detail
}  // namespace sac

#endif
