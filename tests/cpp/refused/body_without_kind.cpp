#include <sac.hpp>

#if defined(MISUSE)
using Text = std::string;  // It does not say whether it is JSON, a form or text.
#else
using Text = sac::Json;
#endif

bool send(const sac::Client& client) { return client.post("/v1/items", Text("{}")).ok(); }
