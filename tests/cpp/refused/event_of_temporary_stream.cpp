#include <sac.hpp>

std::string first(const sac::Client& client)
{
#if defined(MISUSE)
    const sac::Event event = client.stream("/").next();  // The stream does not exist any more.
#else
    sac::Stream stream = client.stream("/");
    const sac::Event event = stream.next();
#endif
    return event.data();
}
