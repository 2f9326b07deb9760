/// @file
/// Ownership of the handles of the C interface.
#ifndef SAC_HANDLE_HPP
#define SAC_HANDLE_HPP

#include <sac.h>

#include <memory>

namespace sac {
namespace detail {

/// Frees a handle by a function of the C interface. It has no members, so that a handle is one
/// pointer.
template <class T, void (*FREE)(T*)>
struct Deleter {
    void operator()(T* handle) const noexcept { FREE(handle); }
};

using ClientHandle = std::unique_ptr<sac_client, Deleter<sac_client, sac_client_free>>;
using RequestHandle = std::unique_ptr<sac_request, Deleter<sac_request, sac_request_free>>;
using ResponseHandle = std::unique_ptr<sac_response, Deleter<sac_response, sac_response_free>>;
using CancelHandle = std::unique_ptr<sac_cancel, Deleter<sac_cancel, sac_cancel_free>>;
using StreamHandle = std::unique_ptr<sac_stream, Deleter<sac_stream, sac_stream_free>>;
using StringHandle = std::unique_ptr<char, Deleter<char, sac_string_free>>;

}  // namespace detail
}  // namespace sac

#endif
