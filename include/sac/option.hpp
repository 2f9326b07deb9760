/// @file
/// Options of clients, requests and calls: the settings, and the key of a request.
#ifndef SAC_OPTION_HPP
#define SAC_OPTION_HPP

#include <sac/setting.hpp>

#include <utility>

namespace sac {

/// The key by which the server recognises a repeated request. With a key, a POST or PATCH may be
/// retried. For a request.
class IdempotencyKey {
public:
    /// `key`: not empty.
    explicit IdempotencyKey(detail::OwnedString key) : key_(std::move(key)) {}
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_idempotency_key(request, key_.c_str());
    }

private:
    detail::OwnedString key_;
};

}  // namespace sac

#endif
