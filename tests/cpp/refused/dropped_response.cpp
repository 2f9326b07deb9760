#include <sac.hpp>

void post(const sac::Client& client)
{
#if defined(MISUSE)
    client.post("/");  // Nobody looks whether it went well.
#else
    client.post("/").or_throw();
#endif
}
