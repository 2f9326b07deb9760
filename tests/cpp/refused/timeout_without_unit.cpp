#include <sac.hpp>

sac::Client make()
{
#if defined(MISUSE)
    return sac::Client("http://127.0.0.1", sac::Timeout(5));  // Without a unit.
#else
    return sac::Client("http://127.0.0.1", sac::Timeout(std::chrono::seconds(5)));
#endif
}
