/// @file
/// Names with values: headers, cookies, query parameters, form fields.
#ifndef SAC_FIELD_HPP
#define SAC_FIELD_HPP

#include <sac/text.hpp>

#include <sac.h>

#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sac {

/// A name and a value: `{"page", 2}`. A value may be a string of any kind, an integer or a `bool`.
class Field {
public:
    /// Both are copied.
    Field(detail::OwnedString name, detail::OwnedString value)
        : name_(std::move(name)), value_(std::move(value))
    {
    }

    /// An integer in decimal, or `true` or `false`.
    template <class T, class = typename std::enable_if<std::is_integral<T>::value &&
                                                       !std::is_same<T, char>::value>::type>
    Field(detail::OwnedString name, T value) : name_(std::move(name)), value_(to_text(value))
    {
    }

    /// The name, valid as long as this object.
    const char* name() const noexcept { return name_.c_str(); }
    /// The value as text, valid as long as this object.
    const char* value() const noexcept { return value_.c_str(); }

private:
    template <class T>
    static std::string to_text(T value)
    {
        return std::to_string(value);
    }
    static std::string to_text(bool value) { return value ? "true" : "false"; }

    detail::OwnedString name_;
    detail::OwnedString value_;
};

namespace detail {

/// The fields of an option, in order.
class FieldList {
public:
    FieldList(std::initializer_list<Field> fields) : fields_(fields) {}

    template <class Value,
              class = decltype(Field(std::declval<OwnedString>(), std::declval<Value>()))>
    FieldList(OwnedString name, Value&& value)
    {
        fields_.emplace_back(std::move(name), std::forward<Value>(value));
    }

    /// From pairs, such as those of a `std::map<std::string, std::string>`.
    template <class Iterator>
    FieldList(Iterator begin, Iterator end, typename Iterator::iterator_category* = nullptr)
    {
        for (; begin != end; ++begin)
            fields_.emplace_back(begin->first, begin->second);
    }

    /// From all pairs of a container.
    template <class Pairs, class = decltype(std::declval<const Pairs&>().begin()->second)>
    explicit FieldList(const Pairs& pairs) : FieldList(pairs.begin(), pairs.end())
    {
    }

    void add(Field field) { fields_.push_back(std::move(field)); }
    const std::vector<Field>& fields() const noexcept { return fields_; }

protected:
    /// Passes each field to a function of the C interface, until one is refused.
    template <class Handle>
    sac_code each(sac_code (*set)(Handle*, const char*, const char*), Handle* handle) const
    {
        for (const Field& field : fields_) {
            const sac_code code = set(handle, field.name(), field.value());
            if (code != SAC_OK)
                return code;
        }
        return SAC_OK;
    }

private:
    std::vector<Field> fields_;
};

}  // namespace detail

/// Header fields. They replace those of the same name: `Header{"X-Shop", "2.1"}`,
/// `Header{{"X-Shop", "2.1"}, {"X-Page", 2}}`. For a client or a request.
class Header : public detail::FieldList {
public:
    using FieldList::FieldList;
    sac_code apply_to(sac_client* client) const { return each(sac_add_header, client); }
    sac_code apply_to(sac_request* request) const { return each(sac_request_set_header, request); }
};

/// Cookies. They replace those of the same name. For a client.
class Cookie : public detail::FieldList {
public:
    using FieldList::FieldList;
    sac_code apply_to(sac_client* client) const { return each(sac_add_cookie, client); }
};

/// Query parameters, after the existing ones, percent-encoded by the library. For a request.
class Query : public detail::FieldList {
public:
    using FieldList::FieldList;
    sac_code apply_to(sac_request* request) const { return each(sac_request_add_query, request); }
};

/// A form (`application/x-www-form-urlencoded`), encoded by the library. For a request.
class Form : public detail::FieldList {
public:
    using FieldList::FieldList;
    sac_code apply_to(sac_request* request) const
    {
        return each(sac_request_add_form_field, request);
    }
};

}  // namespace sac

#endif
