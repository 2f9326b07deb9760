#include <sac.hpp>

std::size_t count(const sac::Client& client)
{
    std::size_t count = 0;
#if defined(MISUSE)
    // The response does not exist any more when the loop starts.
    for (const sac::Node item : client.get("/").or_throw().root())
#else
    const sac::Response response = client.get("/").or_throw();
    for (const sac::Node item : response.root())
#endif
        count += item.size();
    return count;
}
