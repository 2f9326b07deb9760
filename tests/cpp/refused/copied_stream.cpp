#include <sac.hpp>

#include <utility>

sac::Stream take(sac::Stream& stream)
{
#if defined(MISUSE)
    return stream;
#else
    return std::move(stream);
#endif
}
