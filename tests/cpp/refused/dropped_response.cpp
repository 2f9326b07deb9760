#include <sac.hpp>

void post(const sac::Client& client)
{
#if defined(MISUSE)
    client.post("/");  // The response is ignored.
#else
    client.post("/").or_throw();
#endif
}
