#include <sac.hpp>

std::string name(const sac::Client& client)
{
#if defined(MISUSE)
    const sac::Node name = client.get("/")["name"];  // The response does not exist any more.
#else
    const sac::Response response = client.get("/");
    const sac::Node name = response["name"];
#endif
    return name.get<std::string>("?");
}
