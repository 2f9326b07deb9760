/// @file
/// Bodies that do not go through memory, and how far they have come.
#ifndef SAC_STREAM_HPP
#define SAC_STREAM_HPP

#include <sac/callback.hpp>
#include <sac/text.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace sac {

/// A file that the body of the answer goes to, and that appears whole or not at all; a retry goes
/// on where the download broke. The request no longer asks for JSON, and an answer of 300 and above
/// goes to the response instead. For a request.
class OutputFile {
public:
    /// `path`: where to; an existing file is replaced.
    explicit OutputFile(detail::Owned path) : path_(std::move(path)) {}
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_output_file(request, path_.c_str());
    }

private:
    detail::Owned path_;
};

/// Takes the body of the answer piece by piece, and says whether there may be more; false ends the
/// call with `Code::cancelled`, and so does what it throws, which is thrown again by the function
/// that made the call. The request no longer asks for JSON, and an answer of 300 and above goes to
/// the response instead. An empty function: the body goes into the response. For a request.
struct OnData {
    /// `callback_`: the bytes are valid until it returns.
    explicit OnData(std::function<bool(Bytes)> callback_) : callback(std::move(callback_)) {}

    /// Who takes the bytes.
    std::function<bool(Bytes)> callback;
};

/// How far the bodies have come, in bytes; a total that is not known is 0.
struct Progress {
    std::uint64_t sent;     ///< Of the request's body.
    std::uint64_t to_send;  ///< Its whole length.
    std::uint64_t received;  ///< With content coding undone.
    std::uint64_t to_receive;  ///< Its whole length.
};

/// Is told how far the bodies have come, after each piece, and says whether the call may go on;
/// false ends it with `Code::cancelled`, and so does what it throws, which is thrown again by the
/// function that made the call. An empty function: nobody. For a request.
struct OnProgress {
    /// `callback_`: called after each piece of up to 128 KiB; a retry begins anew.
    explicit OnProgress(std::function<bool(const Progress&)> callback_)
        : callback(std::move(callback_))
    {
    }

    /// Who is told.
    std::function<bool(const Progress&)> callback;
};

namespace detail {

// The library calls these.

inline bool on_data(void* userdata, const std::uint8_t* bytes, std::size_t size) noexcept
{
    try {
        return function_at<bool(Bytes)>(userdata)(Bytes(bytes, size));
    } catch (...) {
        Thrown::keep();
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
        Thrown::keep();
        return false;
    }
}

}  // namespace detail
}  // namespace sac

#endif
