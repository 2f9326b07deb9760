#include <sac.hpp>

#if defined(MISUSE)
using Name = sac::View;  // The response does not exist any more.
#else
using Name = std::string;
#endif

sac::Result<Name> name(const sac::Client& client) { return client.get("/").get<Name>("/name"); }
