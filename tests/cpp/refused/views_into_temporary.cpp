#include <sac.hpp>

#include <vector>

#if defined(MISUSE)
using Name = sac::View;  // The response does not exist any more.
#else
using Name = std::string;
#endif

std::size_t count(const sac::Client& client)
{
    return client.get("/").get<std::vector<Name>>("/names").or_throw().size();
}
