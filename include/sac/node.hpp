/// @file
/// The values in the JSON of a response.
#ifndef SAC_NODE_HPP
#define SAC_NODE_HPP

#include <sac/error.hpp>

#include <cstddef>
#include <cstring>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>

namespace sac {

class Node;

/// Reads a value of type `T` from JSON. Specialise it for your own types, with
/// `static const char* what()`, the name of the type for error texts, and
/// `static bool read(const Node&, T& out)`, which returns false if there is no such value:
///
///     return node["x"].get_to(out.x) && node["y"].get_to(out.y);
template <class T, class = void>
struct JsonReader;

namespace detail {

template <class T>
struct is_integer
    : std::integral_constant<bool, std::is_integral<T>::value && !std::is_same<T, bool>::value &&
                                       !std::is_same<T, char>::value> {
};

template <class T>
using if_integer = typename std::enable_if<is_integer<T>::value>::type;

/// Whether a type refers to the response that it was read from.
template <class T, class = void>
struct refers_to_response;

/// The JSON pointer to a member with this name (RFC 6901 section 3).
inline std::string member_pointer(const char* name, std::size_t size)
{
    std::string pointer = "/";
    pointer.reserve(size + 1);
    for (const char* end = name + size; name != end; ++name) {
        if (*name == '~')
            pointer += "~0";
        else if (*name == '/')
            pointer += "~1";
        else
            pointer += *name;
    }
    return pointer;
}

/// The type of a value in error texts.
inline const char* type_text(JsonType type) noexcept
{
    switch (type) {
    case JsonType::null:
        return "null";
    case JsonType::boolean:
        return "a boolean";
    case JsonType::number:
        return "a number";
    case JsonType::string:
        return "a string";
    case JsonType::array:
        return "an array";
    case JsonType::object:
        return "an object";
    case JsonType::missing:
        break;
    }
    return "missing";
}

/// The error of a call with this response.
inline Error response_error(const sac_response& response)
{
    const Code code = static_cast<Code>(response.code);
    return response.error ? Error(code, response.error) : Error(code);
}

/// Goes from one element or member to the next. A `Value` is made from its node.
template <class Value>
class NodeIterator;

}  // namespace detail

class MemberList;

/// A value in the JSON of a response: `response["items"][0]["name"]`. A value that does not exist
/// is a missing one, and so is each value inside it. No function of a missing value throws, except
/// `or_throw()` of the result of `get`.
///
/// A node refers to the response and is valid as long as it. Copies are cheap. Any number of
/// threads may use nodes of a response at once.
///
/// A node is also the range of its elements or members:
/// `for (sac::Node item : response["items"]) …`. With C++20, it is a view, for `std::views`.
class Node {
public:
    /// An iterator over the elements or members. It reads forward, and each value that it returns
    /// is a Node.
    using Iterator = detail::NodeIterator<Node>;

    /// A missing value, of no response.
    Node() noexcept : Node(nullptr, 0) {}

    /// A value of the C interface. `response` may be NULL. If `node` is not a node of the response,
    /// the value is missing.
    Node(const sac_response* response, sac_node node) noexcept : Node(response, node, nullptr) {}

    /// Whether there is such a value. It may be `null` or `false`.
    bool exists() const noexcept { return type() != JsonType::missing; }

    /// The type of the value.
    JsonType type() const noexcept
    {
        return static_cast<JsonType>(sac_node_type(response_, node_));
    }

    /// The member of an object, by its name without escapes; missing if this is not an object. Of
    /// several members with the same name, it is the last one.
    Node operator[](const detail::ByteInput& name) const
    {
        if (!name.data() || type() != JsonType::object)
            return at(0);
        if (std::memchr(name.data(), '\0', name.size()))
            return search(std::string(name.data(), name.size()));
        return find(detail::member_pointer(name.data(), name.size()));
    }

    /// The element of an array, by its index from 0; missing if this is not an array, or if it has
    /// no such element.
    template <class Index, class = detail::if_integer<Index>>
    Node operator[](Index index) const
    {
        if (type() != JsonType::array)
            return at(0);
        // A negative index becomes one that no array has.
        return find('/' + std::to_string(static_cast<unsigned long long>(index)));
    }

    /// The value at a JSON pointer (RFC 6901) that starts here; `""` is this value.
    Node find(const detail::CString& pointer) const noexcept
    {
        // In C, 0 would be the whole document.
        return at(node_ == 0 ? 0 : sac_json_find(response_, node_, pointer.c_str()));
    }

    /// The number of elements or members; 0 if this is neither an array nor an object.
    std::size_t size() const noexcept { return sac_node_length(response_, node_); }
    /// Whether there is none.
    bool empty() const noexcept { return sac_json_first(response_, node_) == 0; }

    /// At the first element or member.
    Iterator begin() const noexcept;
    /// After the last one.
    Iterator end() const noexcept;

    /// The members of an object, with their names: `for (auto [name, value] : node.members()) …`.
    /// It is empty if this is not an object.
    MemberList members() const noexcept;

    /// The name of this member of an object, with its escapes decoded; absent if this is not a
    /// member. Valid as long as the response.
    View name() const noexcept { return view(sac_node_name); }

    /// The string, with its escapes decoded; absent if this is not a string. Valid as long as the
    /// response.
    View string() const noexcept { return view(sac_node_string); }

    /// The JSON text of the value, unchanged: a number with its own digits, an object as a whole;
    /// absent if the value is missing. Valid as long as the response.
    View text() const noexcept { return view(sac_node_text); }

    /// The value as one of the types of `Response::get`. The error is that of the call, or
    /// `Code::not_json` if the value is missing or has another type.
    template <class T>
    Result<T> get() const
    {
        T value = T();
        if (get_to(value))
            return Result<T>(std::move(value));
        const Error error = call_error();
        return Result<T>(error ? error : unexpected(JsonReader<T>::what()));
    }

    /// The value; `fallback` if it is missing or has another type.
    template <class T, class U>
    T get(U&& fallback) const
    {
        static_assert(!detail::refers_to_response<T>::value,
                      "the fallback is not part of the response: get a std::string");
        T value = T();
        return get_to(value) ? std::move(value) : static_cast<T>(std::forward<U>(fallback));
    }

    /// Copies the value to `out`, and returns whether it has this type.
    template <class T>
    bool get_to(T& out) const
    {
        return JsonReader<T>::read(*this, out);
    }

    /// The error of the call that the response is from; false if there is none.
    Error call_error() const
    {
        if (refusal_)
            return *refusal_;
        return response_ ? detail::response_error(*response_) : Error(Code::null_argument);
    }

    /// The node of the C interface, valid as long as the response; 0 if the value is missing.
    sac_node c_api() const noexcept { return node_; }
    /// The response of the C interface that the node belongs to; NULL for a value of no response.
    const sac_response* c_response() const noexcept { return response_; }

private:
    friend class Response;
    template <class Value>
    friend class detail::NodeIterator;

    Node(const sac_response* response, sac_node node, const Error* refusal) noexcept
        : response_(response), node_(node), refusal_(refusal)
    {
    }

    /// Another value of the same response.
    Node at(sac_node node) const noexcept { return Node(response_, node, refusal_); }
    Node first() const noexcept { return at(sac_json_first(response_, node_)); }
    Node next() const noexcept { return at(sac_json_next(response_, node_)); }

    /// Finds a member whose name contains a NUL, which a pointer of the C interface cannot contain.
    Node search(const std::string& name) const
    {
        Node found = at(0);
        for (Node member = first(); member.node_ != 0; member = member.next()) {
            if (member.name() == name)
                found = member;
        }
        return found;
    }

    View view(const char* (*read)(const sac_response*, sac_node, std::size_t*)) const noexcept
    {
        std::size_t length = 0;
        const char* text = read(response_, node_, &length);
        return View(text, length);
    }

    Error unexpected(const char* wanted) const
    {
        return Error(Code::not_json, std::string("expected ") + wanted + ", but the value is " +
                                         detail::type_text(type()));
    }

    const sac_response* response_;
    sac_node node_;
    // The error of a call that was not made, in the response.
    const Error* refusal_;
};

/// A member of an object.
struct Member {
    /// The member at a node.
    explicit Member(const Node& node) noexcept : name(node.name()), value(node) {}

    View name;  ///< The name, with its escapes decoded; valid as long as the response.
    Node value;  ///< The value.
};

/// The members of an object, in the order of the text. Members with equal names are all there.
/// Valid as long as the response.
class MemberList {
public:
    /// An iterator over the members. It reads forward, and creates each Member when it is read.
    using Iterator = detail::NodeIterator<Member>;

    /// The members of a value; empty if it is not an object.
    explicit MemberList(const Node& node) noexcept
        : object_(node.type() == JsonType::object ? node : Node())
    {
    }

    /// The number of members.
    std::size_t size() const noexcept { return object_.size(); }
    /// Whether there is none.
    bool empty() const noexcept { return object_.empty(); }
    /// At the first member.
    Iterator begin() const noexcept;
    /// After the last member.
    Iterator end() const noexcept;

private:
    Node object_;
};

template <class Value>
class detail::NodeIterator {
public:
    /// In C++17, an iterator that returns its values by copy is an input iterator.
    using iterator_category = std::input_iterator_tag;
    /// In C++20, it is a forward iterator.
    using iterator_concept = std::forward_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Value;

    NodeIterator() noexcept = default;
    /// At the first element or member of a value.
    explicit NodeIterator(const Node& container) noexcept : node_(container.first()) {}

    Value operator*() const noexcept { return Value(node_); }
    NodeIterator& operator++() noexcept
    {
        node_ = node_.next();
        return *this;
    }
    NodeIterator operator++(int) noexcept
    {
        NodeIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const NodeIterator& a, const NodeIterator& b) noexcept
    {
        return a.node_.c_api() == b.node_.c_api();
    }
    friend bool operator!=(const NodeIterator& a, const NodeIterator& b) noexcept
    {
        return !(a == b);
    }

private:
    Node node_;
};

inline Node::Iterator Node::begin() const noexcept { return Iterator(*this); }
inline Node::Iterator Node::end() const noexcept { return Iterator(); }
inline MemberList Node::members() const noexcept { return MemberList(*this); }
inline MemberList::Iterator MemberList::begin() const noexcept { return Iterator(object_); }
inline MemberList::Iterator MemberList::end() const noexcept { return Iterator(); }

}  // namespace sac

// Iterators outlive their range, and a range is as cheap to copy as a pointer.
#if __cplusplus >= 202002L && defined(__cpp_lib_ranges)
template <>
inline constexpr bool std::ranges::enable_borrowed_range<sac::Node> = true;
template <>
inline constexpr bool std::ranges::enable_view<sac::Node> = true;
template <>
inline constexpr bool std::ranges::enable_borrowed_range<sac::MemberList> = true;
template <>
inline constexpr bool std::ranges::enable_view<sac::MemberList> = true;
#endif

#endif
