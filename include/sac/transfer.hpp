/// @file
/// Bodies that are not held in memory, their records and their progress.
#ifndef SAC_TRANSFER_HPP
#define SAC_TRANSFER_HPP

#include <sac/callback.hpp>
#include <sac/text.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ios>
#include <istream>
#include <streambuf>
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

/// A body that a function writes while it is sent. Only one thread at a time may send the request.
/// For a request.
class BodyStream {
public:
    /// Writes at most `size` bytes to `buffer`, and returns how many; 0 is the end. It may wait for
    /// bytes, and no time limit interrupts it. An exception from it ends the call, and the function
    /// that made the call throws it again.
    using Write = std::function<std::size_t(char* buffer, std::size_t size)>;
    /// Makes the first function begin again, for a retry or a redirect; false if it cannot. An
    /// exception from it does the same as one from the first function.
    using Rewind = std::function<bool()>;

    /// Any length: the body is sent in chunks (RFC 9112 section 7.1).
    enum : std::int64_t { unknown_length = -1 };

    /// `content_type_`: the media type. `length_`: the length in bytes, or `unknown_length`; a body
    /// that ends before it gives `Code::invalid_argument`. `write_`: empty gives
    /// `Code::null_argument`. Without `rewind_`, the request is not sent again once `write_` was
    /// called.
    BodyStream(detail::OwnedString content_type_, std::int64_t length_, Write write_,
               Rewind rewind_ = nullptr)
        : content_type(std::move(content_type_)),
          length(length_),
          write(std::move(write_)),
          rewind(std::move(rewind_))
    {
    }

    /// The bytes of `source` from its current position on. It must outlive the calls. For a retry
    /// or a redirect, it goes back to that position, if it can. If `source` has failed, for example
    /// because its file could not be opened, nothing is sent: the call throws
    /// `std::ios_base::failure`.
    BodyStream(detail::OwnedString content_type_, std::istream& source,
               std::int64_t length_ = unknown_length)
        : content_type(std::move(content_type_)), length(length_)
    {
        // By the buffer of the stream: its own `read` throws at the end if the caller has asked for
        // exceptions, and its `tellg` fails at the end.
        write = [&source](char* buffer, std::size_t size) {
            if (source.bad() || (source.fail() && !source.eof()))
                throw std::ios_base::failure("the source of a request body cannot be read");
            const auto count = static_cast<std::streamsize>(size);
            return static_cast<std::size_t>(source.rdbuf()->sgetn(buffer, count));
        };
        const std::streampos nowhere(std::streamoff(-1));
        if (!source.rdbuf())
            return;
        const auto start = source.rdbuf()->pubseekoff(0, std::ios_base::cur, std::ios_base::in);
        if (start != nowhere)
            rewind = [&source, start, nowhere] {
                return source.rdbuf()->pubseekpos(start, std::ios_base::in) != nowhere;
            };
    }

    detail::OwnedString content_type;  ///< The media type.
    std::int64_t length;               ///< The length in bytes, or `unknown_length`.
    Write write;                       ///< Writes the next bytes.
    Rewind rewind;                     ///< Begins again; may be empty.
};

/// How a Stream splits the body of the response into records. For a request.
class Records {
public:
    /// `kind`: the default of a request is `RecordKind::automatic`. With `RecordKind::events`, the
    /// request asks for events, unless `Accept` is set.
    explicit Records(RecordKind kind) noexcept : kind_(kind) {}
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_records(request, static_cast<sac_records>(kind_));
    }

private:
    RecordKind kind_;
};

/// The ID of the last known event, so that the server continues after it. For a request.
class LastEventId {
public:
    /// `id`: that of Event::id(); an empty one removes it.
    explicit LastEventId(detail::OwnedString id) : id_(std::move(id)) {}
    sac_code apply_to(sac_request* request) const
    {
        return sac_request_set_last_event_id(request, id_.c_str());
    }

private:
    detail::OwnedString id_;
};

/// Passes on the body of every response as the server has sent it: with its content coding, and also
/// that of an error. For a request that `Client::stream` sends.
class Raw {
public:
    /// `raw`: false is the default.
    explicit Raw(bool raw = true) noexcept : raw_(raw) {}
    sac_code apply_to(sac_request* request) const { return sac_request_set_raw(request, raw_); }

private:
    bool raw_;
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

/// Receives the events of the calls while they happen: each is a JSON object on one line, valid until
/// the function returns (see `sac_trace_callback`). The function must not make calls. An exception
/// from it does not end the call, but the function that made the call throws it again. An empty
/// function removes an earlier one. For a request.
struct OnTrace {
    /// `callback_`: called on the thread that makes the call, or that reads from its stream.
    explicit OnTrace(std::function<void(View)> callback_) : callback(std::move(callback_)) {}

    /// The function.
    std::function<void(View)> callback;
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

inline std::int64_t on_body(void* userdata, std::uint8_t* buffer, std::size_t size) noexcept
{
    try {
        const auto& write = static_cast<const BodyStream*>(userdata)->write;
        return static_cast<std::int64_t>(write(reinterpret_cast<char*>(buffer), size));
    } catch (...) {
        PendingException::capture();
        return -1;
    }
}

inline bool on_rewind(void* userdata) noexcept
{
    try {
        return static_cast<const BodyStream*>(userdata)->rewind();
    } catch (...) {
        PendingException::capture();
        return false;
    }
}

inline void on_trace(void* userdata, const char* event_json) noexcept
{
    try {
        function_at<void(View)>(userdata)(View(event_json));
    } catch (...) {
        PendingException::capture();
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
