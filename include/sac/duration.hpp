/// @file
/// Durations of any type, as milliseconds for the C interface.
#ifndef SAC_DURATION_HPP
#define SAC_DURATION_HPP

#include <chrono>
#include <cstdint>
#include <ratio>

namespace sac {
namespace detail {

/// A duration from the caller, rounded up, because 0 means "no limit" in the library, and only a
/// duration of 0 may mean that. A negative duration, of a deadline that has passed, becomes 1 ms.
class Milliseconds {
public:
    template <class Rep, class Period>
    Milliseconds(std::chrono::duration<Rep, Period> duration) noexcept : count_(to_ms(duration))
    {
    }

    std::uint64_t count() const noexcept { return count_; }

private:
    template <class Rep, class Period>
    static std::uint64_t to_ms(std::chrono::duration<Rep, Period> duration) noexcept
    {
        // A wide type first: hours::max() overflows as milliseconds.
        using Wide = std::chrono::duration<long double, std::milli>;
        const long double ms = Wide(duration).count();
        const long double max = 9e15L;
        if (ms < 0)
            return 1;
        if (!(ms < max))
            return static_cast<std::uint64_t>(max);
        const std::uint64_t floor = static_cast<std::uint64_t>(ms);
        return static_cast<long double>(floor) < ms ? floor + 1 : floor;
    }

    std::uint64_t count_;
};

/// The remaining time until a point in time. A deadline at this moment has passed, because 0 would
/// mean that there is no deadline.
inline std::chrono::steady_clock::duration time_left(std::chrono::steady_clock::time_point end)
{
    const std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
    return end <= now ? std::chrono::steady_clock::duration(-1) : end - now;
}

}  // namespace detail
}  // namespace sac

#endif
