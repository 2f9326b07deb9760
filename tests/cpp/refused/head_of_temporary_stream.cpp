#include <sac.hpp>

int status(const sac::Client& client)
{
#if defined(MISUSE)
    const sac::Response& head = client.stream("/").head();  // The stream does not exist any more.
#else
    const sac::Stream stream = client.stream("/");
    const sac::Response& head = stream.head();
#endif
    return head.status();
}
