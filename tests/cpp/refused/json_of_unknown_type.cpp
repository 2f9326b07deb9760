#include <sac.hpp>

#if defined(MISUSE)
using Value = void*;  // It has no form in JSON, and is no boolean.
#else
using Value = bool;
#endif

sac::Request request(Value value) { return sac::Request("POST", "/", sac::JsonField("/a", value)); }
