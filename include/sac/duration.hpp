/// @file
/// Durations of any kind as the milliseconds of the C interface.
#ifndef SAC_DURATION_HPP
#define SAC_DURATION_HPP

#include <chrono>
#include <cstdint>
#include <ratio>

namespace sac {
namespace detail {

/// A duration given by the caller. Rounded up, since 0 means "no limit" to the library, and a
/// duration that is not 0 never does; one below 0, a deadline that has passed, is the shortest
/// there is.
class Milliseconds {
public:
    template <class Rep, class Period>
    Milliseconds(std::chrono::duration<Rep, Period> duration) noexcept : count_(whole(duration))
    {
    }

    std::uint64_t count() const noexcept { return count_; }

private:
    template <class Rep, class Period>
    static std::uint64_t whole(std::chrono::duration<Rep, Period> duration) noexcept
    {
        // A wide type first: hours::max() overflows as milliseconds.
        using Wide = std::chrono::duration<long double, std::milli>;
        const long double exact = Wide(duration).count();
        const long double most = 9e15L;
        if (exact < 0)
            return 1;
        if (!(exact < most))
            return static_cast<std::uint64_t>(most);
        const std::uint64_t below = static_cast<std::uint64_t>(exact);
        return static_cast<long double>(below) < exact ? below + 1 : below;
    }

    std::uint64_t count_;
};

/// What is left until a point in time. A deadline that is reached right now has passed; 0 would be
/// no deadline.
inline std::chrono::steady_clock::duration time_left(std::chrono::steady_clock::time_point end)
{
    const std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
    return end <= now ? std::chrono::steady_clock::duration(-1) : end - now;
}

}  // namespace detail
}  // namespace sac

#endif
