#include <sac.hpp>

bool is_active(const sac::Response& response)
{
#if defined(MISUSE)
    if (response["active"])  // Would be true for `false`.
#else
    if (response["active"].get<bool>(false))
#endif
        return true;
    return false;
}
