/// A case, read from the response that contains all cases.
#ifndef CASE_HPP
#define CASE_HPP

#include <sac.hpp>

#include <string>
#include <vector>

using Texts = std::vector<std::string>;

/// A part of a case.
class Part {
public:
    explicit Part(const sac::Node& node) : node_(node) {}

    Part operator/(const std::string& member) const { return Part(node_[member]); }
    Part operator/(std::size_t index) const { return Part(node_[index]); }

    bool exists() const { return node_.exists(); }
    bool is_null() const { return node_.type() == sac::JsonType::null; }
    std::size_t size() const { return node_.size(); }

    /// The value. A case without a required value ends the program.
    template <class T>
    T as() const
    {
        return node_.get<T>().or_throw();
    }
    template <class T>
    T as(const T& fallback) const
    {
        return exists() ? as<T>() : fallback;
    }
    Texts texts() const { return exists() ? as<Texts>() : Texts(); }

    std::vector<Part> items() const { return std::vector<Part>(node_.begin(), node_.end()); }

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
    sac::Node node_;
};

std::string decode_base64(const std::string& text);

#endif
