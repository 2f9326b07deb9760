#include <sac.hpp>

#if defined(MISUSE)
using Option = sac::Query;  // Only requests have it.
#else
using Option = sac::Header;
#endif

sac::Client make() { return sac::Client("http://127.0.0.1", Option{"a", "b"}); }
