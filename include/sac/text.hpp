/// @file
/// Strings on their way into the library and out of it.
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

/// Where the standard has it, the compiler tells who drops an error.
#if __cplusplus >= 201703L
#define SAC_HPP_NODISCARD [[nodiscard]]
#else
#define SAC_HPP_NODISCARD
#endif

namespace sac {

/// A string inside something that the library owns, such as a response, and valid as long as that
/// is. It is NUL-terminated, may hold NULs of its own, and may be absent, which is not the same as
/// empty: `if (auto location = response.header("Location")) …`.
class View {
public:
    /// Absent.
    constexpr View() noexcept : data_(nullptr), size_(0) {}

    /// `data[size]` is a NUL; `data` may be NULL: absent.
    constexpr View(const char* data, std::size_t size) noexcept : data_(data), size_(size) {}

    /// Up to the NUL; NULL: absent.
    explicit View(const char* text) noexcept : data_(text), size_(text ? std::strlen(text) : 0) {}

    /// Whether it is there.
    constexpr explicit operator bool() const noexcept { return data_ != nullptr; }

    /// Never NULL: an absent string reads as an empty one.
    constexpr const char* c_str() const noexcept { return data_ ? data_ : ""; }
    /// The same.
    constexpr const char* data() const noexcept { return c_str(); }
    /// Its length in bytes, without the NUL.
    constexpr std::size_t size() const noexcept { return size_; }
    /// Whether it holds nothing: absent, or of no length.
    constexpr bool empty() const noexcept { return size_ == 0; }
    /// Its first byte.
    constexpr const char* begin() const noexcept { return c_str(); }
    /// Behind its last byte, where the NUL is.
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

    /// Writes the string; nothing where it is absent.
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

/// Bytes inside a response, and valid as long as that is. A contiguous range, and so a
/// `std::span<const std::uint8_t>` where there is one.
class Bytes {
public:
    /// None.
    constexpr Bytes() noexcept : data_(nullptr), size_(0) {}
    /// So many bytes from there on, which this does not own.
    constexpr Bytes(const std::uint8_t* data, std::size_t size) noexcept : data_(data), size_(size)
    {
    }

    /// The first one.
    constexpr const std::uint8_t* data() const noexcept { return data_; }
    /// How many there are.
    constexpr std::size_t size() const noexcept { return size_; }
    /// Whether there is none.
    constexpr bool empty() const noexcept { return size_ == 0; }
    /// The first one.
    constexpr const std::uint8_t* begin() const noexcept { return data_; }
    /// Behind the last one.
    constexpr const std::uint8_t* end() const noexcept { return data_ + size_; }
    /// The byte with this number, from 0; not checked.
    constexpr std::uint8_t operator[](std::size_t index) const noexcept { return data_[index]; }

    /// A copy that outlives the response.
    std::string str() const { return std::string(begin(), end()); }
    /// The same.
    operator std::string() const { return str(); }

    /// Writes the bytes as they are.
    friend std::ostream& operator<<(std::ostream& out, Bytes bytes)
    {
        return out << View(reinterpret_cast<const char*>(bytes.data_), bytes.size_);
    }

private:
    const std::uint8_t* data_;
    std::size_t size_;
};

namespace detail {

/// What a string becomes on its way into C. One that holds a NUL would arrive as its beginning, so
/// what arrives instead is a byte that the library refuses (`Code::invalid_utf8`).
inline const char* c_text(const char* data, std::size_t size) noexcept
{
    return size == 0 || !std::memchr(data, '\0', size) ? data : "\xff";
}

inline const char* c_text(const std::string& text) noexcept
{
    return c_text(text.c_str(), text.size());
}

/// A string given to a function, for as long as the function runs; what is NUL-terminated already
/// is not copied. NULL goes through: the library says `Code::null_argument`.
class Argument {
public:
    Argument(const char* text) noexcept : text_(text) {}
    Argument(const std::string& text) noexcept : text_(c_text(text)) {}
    Argument(View text) noexcept : text_(c_text(text.c_str(), text.size())) {}

#if __cplusplus >= 201703L
    Argument(std::string_view text) : copy_(text), text_(c_text(copy_)) {}
#endif

    Argument(const Argument&) = delete;
    Argument& operator=(const Argument&) = delete;

    const char* c_str() const noexcept { return text_; }

private:
    // There under every standard, so that the layout is the same.
    std::string copy_;
    const char* text_;
};

/// A string that an option keeps.
class Owned {
public:
    /// NULL becomes what is refused, as a NUL does.
    Owned(const char* text) : text_(text ? std::string(text) : std::string(1, '\0')) {}
    Owned(std::string text) noexcept : text_(std::move(text)) {}
    Owned(View text) : text_(text.str()) {}

#if __cplusplus >= 201703L
    Owned(std::string_view text) : text_(text) {}
#endif

    const char* c_str() const noexcept { return c_text(text_); }
    const std::string& str() const noexcept { return text_; }

private:
    std::string text_;
};

}  // namespace detail
}  // namespace sac

#endif
