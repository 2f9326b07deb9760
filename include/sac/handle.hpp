/// @file
/// Ownership of what the C interface hands out.
#ifndef SAC_HANDLE_HPP
#define SAC_HANDLE_HPP

#include <sac.h>

#include <memory>

namespace sac {
namespace detail {

/// Frees by a function of the C interface; holds nothing, so that a handle is one pointer.
template <class T, void (*FREE)(T*)>
struct Free {
    void operator()(T* handle) const noexcept { FREE(handle); }
};

using ClientHandle = std::unique_ptr<sac_client, Free<sac_client, sac_client_free>>;
using RequestHandle = std::unique_ptr<sac_request, Free<sac_request, sac_request_free>>;
using ResponseHandle = std::unique_ptr<sac_response, Free<sac_response, sac_response_free>>;
using CancelHandle = std::unique_ptr<sac_cancel, Free<sac_cancel, sac_cancel_free>>;
using StringHandle = std::unique_ptr<char, Free<char, sac_string_free>>;

}  // namespace detail
}  // namespace sac

#endif
