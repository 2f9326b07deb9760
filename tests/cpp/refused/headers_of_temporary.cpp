#include <sac.hpp>

std::size_t count(const sac::Client& client)
{
#if defined(MISUSE)
    const sac::HeaderList headers = client.get("/").headers();  // The response does not exist any more.
#else
    const sac::Response response = client.get("/");
    const sac::HeaderList headers = response.headers();
#endif
    return headers.size();
}
