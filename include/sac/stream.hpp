/// @file
/// Bodies that are not held in memory, and their progress.
#ifndef SAC_STREAM_HPP
#define SAC_STREAM_HPP

#include <sac/callback.hpp>
#include <sac/text.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace sac {

/// A file for the body of the response. It appears complete or not at all. A retry resumes an
/// interrupted download. The request no longer asks for JSON. If the status is 300 or above, the
/// response contains the body instead. For a request.
class OutputFile {
public:
    /// `path`: the path of the file. An existing file is replaced.
    explicit OutputFile(detail::OwnedString path) : path_(std::move(path)) {}
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_output_file(request, path_.c_str());
    }

private:
    detail::OwnedString path_;
};

/// Receives the body of the response piece by piece, and returns true to continue. After false, the
/// call ends with `Code::cancelled`. An exception from it also ends the call, and the function that
/// made the call throws it again. The request no longer asks for JSON. If the status is 300 or
/// above, or the function is empty, the response contains the body. For a request.
struct OnData {
    /// `callback_`: the bytes are valid until it returns.
    explicit OnData(std::function<bool(Bytes)> callback_) : callback(std::move(callback_)) {}

    /// The function.
    std::function<bool(Bytes)> callback;
};

/// The progress of the bodies, in bytes. A total is 0 if it is unknown.
struct Progress {
    std::uint64_t sent;     ///< The sent bytes of the request body.
    std::uint64_t to_send;  ///< Their total.
    std::uint64_t received;  ///< The received bytes of the response body, after content decoding.
    std::uint64_t to_receive;  ///< Their total.
};

/// Receives the progress of the bodies after each piece, and returns true to continue. After false,
/// the call ends with `Code::cancelled`. An exception from it also ends the call, and the function
/// that made the call throws it again. An empty function removes an earlier one. For a request.
struct OnProgress {
    /// `callback_`: called after each piece of at most 128 KiB. A retry starts again from 0.
    explicit OnProgress(std::function<bool(const Progress&)> callback_)
        : callback(std::move(callback_))
    {
    }

    /// The function.
    std::function<bool(const Progress&)> callback;
};

namespace detail {

// The library calls these.

inline bool on_data(void* userdata, const std::uint8_t* bytes, std::size_t size) noexcept
{
    try {
        return function_at<bool(Bytes)>(userdata)(Bytes(bytes, size));
    } catch (...) {
        PendingException::capture();
        return false;
    }
}

inline bool on_progress(void* userdata, std::uint64_t sent, std::uint64_t to_send,
                        std::uint64_t received, std::uint64_t to_receive) noexcept
{
    try {
        const Progress progress = {sent, to_send, received, to_receive};
        return function_at<bool(const Progress&)>(userdata)(progress);
    } catch (...) {
        PendingException::capture();
        return false;
    }
}

}  // namespace detail
}  // namespace sac

#endif
