/// A case, read from the response that contains all cases.
#ifndef CASE_HPP
#define CASE_HPP

#include <sac.hpp>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

using Texts = std::vector<std::string>;

/// A part of a case; its pointers are relative.
class Part {
public:
    Part(const sac::Response& cases, std::string prefix)
        : cases_(cases), prefix_(std::move(prefix))
    {
    }

    Part operator/(const std::string& member) const { return Part(cases_, prefix_ + '/' + member); }
    Part operator/(std::size_t index) const { return *this / std::to_string(index); }

    bool exists() const { return type() != sac::JsonType::missing; }
    bool is_null() const { return type() == sac::JsonType::null; }
    std::size_t size() const { return cases_.length(prefix_); }

    /// The value. A case without a required value ends the program.
    template <class T>
    T as() const
    {
        return cases_.get<T>(prefix_).or_throw();
    }
    template <class T>
    T as(const T& fallback) const
    {
        return exists() ? as<T>() : fallback;
    }
    Texts texts() const { return exists() ? as<Texts>() : Texts(); }

    std::vector<Part> items() const
    {
        std::vector<Part> items;
        for (std::size_t i = 0; i < size(); ++i)
            items.push_back(*this / i);
        return items;
    }

    /// A list of pairs as an option.
    template <class Fields>
    Fields fields() const
    {
        Fields fields({});
        for (const Part& pair : items())
            fields.add({(pair / 0).as<std::string>(), (pair / 1).as<std::string>()});
        return fields;
    }

private:
    sac::JsonType type() const { return cases_.type(prefix_); }

    const sac::Response& cases_;
    std::string prefix_;
};

std::string decode_base64(const std::string& text);

#endif
