#include <sac.hpp>

#if defined(MISUSE)
using Text = std::string;  // Whether it is JSON, a form or text is not said.
#else
using Text = sac::Json;
#endif

bool send(const sac::Client& client) { return client.post("/v1/items", Text("{}")).ok(); }
