/// @file
/// Options of clients, requests and calls: the settings, and the key of a request.
#ifndef SAC_OPTION_HPP
#define SAC_OPTION_HPP

#include <sac/setting.hpp>

#include <utility>

namespace sac {

/// Names a request by a key, by which the server recognises a second sending; this lets a POST or
/// PATCH be retried. For a request.
class IdempotencyKey {
public:
    /// `key`: not empty.
    explicit IdempotencyKey(detail::Owned key) : key_(std::move(key)) {}
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_idempotency_key(request, key_.c_str());
    }

private:
    detail::Owned key_;
};

}  // namespace sac

#endif
