#include <sac.hpp>

#if defined(MISUSE)
using Name = sac::View;  // Into a response that is gone.
#else
using Name = std::string;
#endif

sac::Result<Name> name(const sac::Client& client) { return client.get("/").get<Name>("/name"); }
