#include <sac.hpp>

sac::Client copy(const sac::Client& client)
{
#if defined(MISUSE)
    return client;
#else
    return client.clone();
#endif
}
