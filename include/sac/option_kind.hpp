/// @file
/// The kinds of options. Each has an `apply_to` for every kind of handle that it is for.
#ifndef SAC_OPTION_KIND_HPP
#define SAC_OPTION_KIND_HPP

#include <sac/code.hpp>
#include <sac/duration.hpp>
#include <sac/text.hpp>

#include <sac.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

namespace sac {
namespace detail {

template <class Option, class Handle,
          class = decltype(std::declval<const Option&>().apply_to(std::declval<Handle*>()))>
constexpr bool accepts(int) noexcept
{
    return true;
}
template <class Option, class Handle>
constexpr bool accepts(...) noexcept
{
    return false;
}

/// Whether a type is an option for a kind of handle: it has an `apply_to` for it.
template <class Option, class Handle>
constexpr bool is_option_of() noexcept
{
    return accepts<Option, Handle>(0);
}

/// An option with one number, for a client or a request.
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

/// The same, only for a client.
template <class Number, sac_code (*ON_CLIENT)(sac_client*, Number)>
class ClientNumberOption {
public:
    sac_code apply_to(sac_client* client) const { return ON_CLIENT(client, value_); }

protected:
    explicit ClientNumberOption(Number value) noexcept : value_(value) {}

private:
    Number value_;
};

/// The same, only for a request.
template <class Number, sac_code (*ON_REQUEST)(sac_request*, Number)>
class RequestNumberOption {
public:
    sac_code apply_to(sac_request* request) const { return ON_REQUEST(request, value_); }

protected:
    explicit RequestNumberOption(Number value) noexcept : value_(value) {}

private:
    Number value_;
};

/// An option with two durations, the ends of a range.
template <sac_code (*ON_CLIENT)(sac_client*, std::uint64_t, std::uint64_t),
          sac_code (*ON_REQUEST)(sac_request*, std::uint64_t, std::uint64_t)>
class SpanOption {
public:
    /// Durations of any type, rounded up to whole milliseconds. `base` must not be greater than
    /// `max`.
    SpanOption(Milliseconds base, Milliseconds max) noexcept
        : base_(base.count()), max_(max.count())
    {
    }
    sac_code apply_to(sac_client* client) const { return ON_CLIENT(client, base_, max_); }
    sac_code apply_to(sac_request* request) const { return ON_REQUEST(request, base_, max_); }

private:
    std::uint64_t base_, max_;
};

/// An option with a list of statuses.
template <sac_code (*ON_CLIENT)(sac_client*, const std::uint16_t*, std::size_t),
          sac_code (*ON_REQUEST)(sac_request*, const std::uint16_t*, std::size_t)>
class StatusesOption {
public:
    /// None.
    StatusesOption() = default;

    /// Each from 100 to 599; an empty list for none.
    StatusesOption(std::initializer_list<int> statuses) { add(statuses.begin(), statuses.end()); }

    /// The same, from a range.
    template <class Iterator>
    StatusesOption(Iterator begin, Iterator end)
    {
        add(begin, end);
    }

    sac_code apply_to(sac_client* client) const
    {
        return ON_CLIENT(client, statuses_.data(), statuses_.size());
    }
    sac_code apply_to(sac_request* request) const
    {
        return ON_REQUEST(request, statuses_.data(), statuses_.size());
    }

private:
    template <class Iterator>
    void add(Iterator begin, Iterator end)
    {
        for (; begin != end; ++begin) {
            const long long status = static_cast<long long>(*begin);
            // A number that is not a status becomes 0, which the library refuses.
            const bool fits = status > 0 && status <= std::numeric_limits<std::uint16_t>::max();
            statuses_.push_back(static_cast<std::uint16_t>(fits ? status : 0));
        }
    }

    std::vector<std::uint16_t> statuses_;
};

/// An option with a number of requests in a time.
template <sac_code (*ON_CLIENT)(sac_client*, std::uint32_t, std::uint64_t, std::uint32_t)>
class RateOption {
public:
    /// `requests`: the number of requests in the time `per`; 0 disables the limit. `per` is rounded
    /// up to whole milliseconds. `burst`: the number of requests that may go at once after a pause;
    /// 1 spaces all evenly.
    RateOption(std::uint32_t requests, Milliseconds per, std::uint32_t burst = 1) noexcept
        : requests_(requests), burst_(burst), per_ms_(per.count())
    {
    }
    sac_code apply_to(sac_client* client) const
    {
        return ON_CLIENT(client, requests_, per_ms_, burst_);
    }

private:
    std::uint32_t requests_, burst_;
    std::uint64_t per_ms_;
};

/// An option with a version of TLS.
template <sac_code (*ON_CLIENT)(sac_client*, std::int32_t)>
class TlsOption {
public:
    explicit TlsOption(Tls version) noexcept : version_(version) {}
    sac_code apply_to(sac_client* client) const
    {
        return ON_CLIENT(client, static_cast<std::int32_t>(version_));
    }

private:
    Tls version_;
};

/// An option with one string, for a client.
template <sac_code (*ON_CLIENT)(sac_client*, const char*)>
class TextOption {
public:
    explicit TextOption(OwnedString text) : text_(std::move(text)) {}
    sac_code apply_to(sac_client* client) const { return ON_CLIENT(client, text_.c_str()); }

private:
    OwnedString text_;
};

/// An option with one string or the default, for a client.
template <sac_code (*ON_CLIENT)(sac_client*, const char*)>
class OptionalTextOption {
public:
    explicit OptionalTextOption(OwnedString text) : text_(std::move(text)), given_(true) {}
    sac_code apply_to(sac_client* client) const
    {
        return ON_CLIENT(client, given_ ? text_.c_str() : nullptr);
    }

protected:
    OptionalTextOption() : text_(std::string()), given_(false) {}

private:
    OwnedString text_;
    bool given_;
};

/// An option with two strings, for a client.
template <sac_code (*ON_CLIENT)(sac_client*, const char*, const char*)>
class PairOption {
public:
    PairOption(OwnedString first, OwnedString second)
        : first_(std::move(first)), second_(std::move(second))
    {
    }
    sac_code apply_to(sac_client* client) const
    {
        return ON_CLIENT(client, first_.c_str(), second_.c_str());
    }

private:
    OwnedString first_, second_;
};

}  // namespace detail
}  // namespace sac

#endif
