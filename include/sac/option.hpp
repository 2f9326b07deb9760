/// @file
/// Settings of time, retries and limits, each a type of its own, to be given in any order to a
/// client, a request or a call.
#ifndef SAC_OPTION_HPP
#define SAC_OPTION_HPP

#include <sac/duration.hpp>
#include <sac/option_kind.hpp>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

namespace sac {

/// The time that one attempt may take, redirects included; 0 for no limit. Default: 30 s.
class Timeout
    : public detail::NumberOption<std::uint64_t, sac_set_timeout_ms, sac_request_set_timeout_ms> {
public:
    explicit Timeout(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}
};

/// The time that look-up, connect and TLS handshake may take together; 0 for no limit of its own.
/// Default: 10 s.
class ConnectTimeout : public detail::NumberOption<std::uint64_t, sac_set_connect_timeout_ms,
                                                   sac_request_set_connect_timeout_ms> {
public:
    explicit ConnectTimeout(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}
};

/// The longest silence of the server that is waited out; 0, the default, for no limit of its own.
class ReadTimeout : public detail::NumberOption<std::uint64_t, sac_set_read_timeout_ms,
                                                sac_request_set_read_timeout_ms> {
public:
    explicit ReadTimeout(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}
};

/// The time that a whole call may take, retries and waits included; 0, the default, for no limit.
class Deadline
    : public detail::NumberOption<std::uint64_t, sac_set_deadline_ms, sac_request_set_deadline_ms> {
public:
    explicit Deadline(detail::Milliseconds time) noexcept : NumberOption(time.count()) {}

    /// Up to a point in time, counted from the making of this option.
    explicit Deadline(std::chrono::steady_clock::time_point end) noexcept
        : Deadline(left(std::chrono::steady_clock::now(), end))
    {
    }

private:
    // A deadline that is reached right now has passed; 0 would be no deadline.
    static std::chrono::steady_clock::duration left(std::chrono::steady_clock::time_point now,
                                                    std::chrono::steady_clock::time_point end)
    {
        return end <= now ? std::chrono::steady_clock::duration(-1) : end - now;
    }
};

/// The largest body that is accepted, in bytes; 0 for no limit. Default: 256 MiB.
class MaxBodyBytes : public detail::NumberOption<std::uint64_t, sac_set_max_body_bytes,
                                                 sac_request_set_max_body_bytes> {
public:
    /// `bytes`: counted after content coding is undone.
    explicit MaxBodyBytes(std::uint64_t bytes) noexcept : NumberOption(bytes) {}
};

/// How many redirects are followed; 0 answers with the 3xx itself. Default: 10.
class Redirects
    : public detail::NumberOption<std::uint32_t, sac_set_redirects, sac_request_set_redirects> {
public:
    /// `most`: so many, and one more ends the call with `Code::redirect`.
    explicit Redirects(std::uint32_t most) noexcept : NumberOption(most) {}
};

/// How many attempts may follow the first one; only what may be sent twice without harm is
/// retried. Default: 0.
class Retries : public detail::NumberOption<std::uint32_t, sac_set_retry_attempts,
                                            sac_request_set_retry_attempts> {
public:
    /// `retries`: 3 means up to four requests.
    explicit Retries(std::uint32_t retries) noexcept : NumberOption(retries) {}
};

/// How long is waited before a retry where the server names no delay: a random part of a span that
/// begins with `base` and doubles up to `most`. Default: 100 ms, 20 s.
class Backoff {
public:
    /// Durations of any kind, rounded up to whole milliseconds; `base` must not be above `most`.
    Backoff(detail::Milliseconds base, detail::Milliseconds most) noexcept
        : base_(base.count()), most_(most.count())
    {
    }
    sac_code apply_to(sac_client* client) const { return sac_set_backoff_ms(client, base_, most_); }
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_backoff_ms(request, base_, most_);
    }

private:
    std::uint64_t base_, most_;
};

/// The statuses that are worth another try. Default: 429, 500, 502, 503, 504.
class RetryStatuses {
public:
    /// Each from 100 to 599; an empty list for none.
    RetryStatuses(std::initializer_list<int> statuses) { add(statuses.begin(), statuses.end()); }

    /// The same, from a range.
    template <class Iterator>
    RetryStatuses(Iterator begin, Iterator end)
    {
        add(begin, end);
    }

    sac_code apply_to(sac_client* client) const
    {
        return sac_set_retry_statuses(client, statuses_.data(), statuses_.size());
    }
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_retry_statuses(request, statuses_.data(), statuses_.size());
    }

private:
    template <class Iterator>
    void add(Iterator begin, Iterator end)
    {
        for (; begin != end; ++begin) {
            const long long status = static_cast<long long>(*begin);
            // What is no status stays none, for the library to refuse.
            const bool fits = status > 0 && status <= std::numeric_limits<std::uint16_t>::max();
            statuses_.push_back(static_cast<std::uint16_t>(fits ? status : 0));
        }
    }

    std::vector<std::uint16_t> statuses_;
};

/// The longest delay of a server (`Retry-After` and its kin) that is waited for. Default: 120 s.
/// For a client.
class RetryAfterMax {
public:
    explicit RetryAfterMax(detail::Milliseconds time) noexcept : ms_(time.count()) {}
    sac_code apply_to(sac_client* client) const { return sac_set_retry_after_max_ms(client, ms_); }

private:
    std::uint64_t ms_;
};

/// Limits the requests of a client and all its clones together to so many in that time, of which
/// `burst` may go at once after a pause; 0 requests for no limit, the default. For a client.
class RateLimit {
public:
    /// `burst`: 1 spaces all evenly. The duration is rounded up to whole milliseconds.
    RateLimit(std::uint32_t requests, detail::Milliseconds per, std::uint32_t burst = 1) noexcept
        : requests_(requests), burst_(burst), per_ms_(per.count())
    {
    }
    sac_code apply_to(sac_client* client) const
    {
        return sac_set_rate_limit(client, requests_, per_ms_, burst_);
    }

private:
    std::uint32_t requests_, burst_;
    std::uint64_t per_ms_;
};

/// Names a request by a key, by which the server recognises a second sending; this lets a POST or
/// PATCH be retried. For a request.
class IdempotencyKey {
public:
    /// `key`: not empty.
    explicit IdempotencyKey(detail::Owned key) : key_(std::move(key)) {}
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_idempotency_key(request, key_.c_str());
    }

private:
    detail::Owned key_;
};

}  // namespace sac

#endif
