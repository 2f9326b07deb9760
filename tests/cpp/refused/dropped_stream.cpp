#include <sac.hpp>

void open(const sac::Client& client)
{
#if defined(MISUSE)
    client.stream("/");  // Nothing is read, and the error is ignored.
#else
    client.stream("/").or_throw();
#endif
}
