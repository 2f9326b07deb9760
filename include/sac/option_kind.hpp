/// @file
/// What options have in common: `apply_to` for each kind of handle that they are for.
#ifndef SAC_OPTION_KIND_HPP
#define SAC_OPTION_KIND_HPP

#include <sac/text.hpp>

#include <sac.h>

#include <utility>

namespace sac {
namespace detail {

template <class Option, class Handle,
          class = decltype(std::declval<const Option&>().apply_to(std::declval<Handle*>()))>
constexpr bool takes(int) noexcept
{
    return true;
}
template <class Option, class Handle>
constexpr bool takes(...) noexcept
{
    return false;
}

/// Whether something is an option for a kind of handle: it has an `apply_to` for it.
template <class Option, class Handle>
constexpr bool is_option_of() noexcept
{
    return takes<Option, Handle>(0);
}

/// An option for both a client and a request that is one number.
template <class Number, sac_code (*ON_CLIENT)(sac_client*, Number),
          sac_code (*ON_REQUEST)(sac_request*, Number)>
class NumberOption {
public:
    sac_code apply_to(sac_client* client) const { return ON_CLIENT(client, value_); }
    sac_code apply_to(sac_request* request) const { return ON_REQUEST(request, value_); }

protected:
    explicit NumberOption(Number value) noexcept : value_(value) {}

private:
    Number value_;
};

/// An option for a client that is one string.
template <sac_code (*ON_CLIENT)(sac_client*, const char*)>
class TextOption {
public:
    explicit TextOption(Owned text) : text_(std::move(text)) {}
    sac_code apply_to(sac_client* client) const { return ON_CLIENT(client, text_.c_str()); }

private:
    Owned text_;
};

/// An option for a client that is one string, or the default again.
template <sac_code (*ON_CLIENT)(sac_client*, const char*)>
class OptionalTextOption {
public:
    explicit OptionalTextOption(Owned text) : text_(std::move(text)), given_(true) {}
    sac_code apply_to(sac_client* client) const
    {
        return ON_CLIENT(client, given_ ? text_.c_str() : nullptr);
    }

protected:
    OptionalTextOption() : text_(std::string()), given_(false) {}

private:
    Owned text_;
    bool given_;
};

/// An option for a client that is two strings.
template <sac_code (*ON_CLIENT)(sac_client*, const char*, const char*)>
class PairOption {
public:
    PairOption(Owned first, Owned second) : first_(std::move(first)), second_(std::move(second)) {}
    sac_code apply_to(sac_client* client) const
    {
        return ON_CLIENT(client, first_.c_str(), second_.c_str());
    }

private:
    Owned first_, second_;
};

}  // namespace detail
}  // namespace sac

#endif
