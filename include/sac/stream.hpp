/// @file
/// Responses that are read while they arrive.
#ifndef SAC_STREAM_HPP
#define SAC_STREAM_HPP

#include <sac/callback.hpp>
#include <sac/error.hpp>
#include <sac/handle.hpp>
#include <sac/response.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <streambuf>
#include <utility>
#include <vector>

namespace sac {

namespace detail {

/// A response that belongs to something else, which frees it.
class LentResponse {
public:
    explicit LentResponse(const sac_response* response) noexcept
        : response_(const_cast<sac_response*>(response))
    {
    }
    LentResponse(const LentResponse&) = delete;
    LentResponse& operator=(const LentResponse&) = delete;
    ~LentResponse() { static_cast<void>(response_.release()); }

    const Response& get() const noexcept { return response_; }

    void reset(const sac_response* response) noexcept
    {
        static_cast<void>(response_.release());
        response_ = Response(const_cast<sac_response*>(response));
    }

private:
    Response response_;
};

}  // namespace detail

/// A record of a Stream: an event, a JSON text, or an element of an array; false at the end of the
/// stream. It is valid until the next record is read.
class Event {
public:
    /// No record.
    Event() noexcept : event_(nullptr), json_(nullptr) {}

    /// Whether there is a record.
    explicit operator bool() const noexcept { return event_ != nullptr; }

    /// The type that the server has named, or "message"; empty for a record that is not an event.
    View type() const noexcept { return View(event_ ? event_->type : nullptr); }
    /// The ID of the last event so far; empty if there is none.
    View id() const noexcept { return View(event_ ? event_->id : nullptr); }
    /// The data of the event, or the text of the record.
    View data() const noexcept
    {
        return event_ ? View(event_->data, event_->data_len) : View();
    }

    /// The data as JSON, with the guarantee of a response: `event.json()["choices"][0]`. Its
    /// `json_state()` says whether it was repaired. Its error is `Code::not_json` if the data
    /// cannot be repaired; the stream goes on. Valid as long as this record.
    const Response& json() const
    {
        if (event_)
            json_->reset(sac_event_json(event_));
        return json_ ? json_->get() : none();
    }

    /// The event of the C interface; NULL if there is none.
    const sac_event* c_api() const noexcept { return event_; }

private:
    friend class Stream;

    Event(const sac_event* event, detail::LentResponse* json) noexcept
        : event_(event), json_(json)
    {
    }

    static const Response& none()
    {
        static const Response response = Response::refused(Error(Code::null_argument));
        return response;
    }

    const sac_event* event_;
    detail::LentResponse* json_;
};

/// A response whose head has arrived, and whose body is read while it arrives: as bytes, or record
/// by record. One thread at a time may use it. After the move, the error of the other stream is
/// `Code::null_argument`.
///
///     sac::Stream stream = api.stream("/v1/export");
///     for (const sac::Event& line : stream)
///         std::cout << line.json()["id"].get<int>(0) << '\n';
///     stream.or_throw();
///
/// Reading waits for the server. The records end at the end of the body, or after a failure: check
/// `ok()`. If the stream is destroyed before the end of its body, its connection is closed.
class Stream {
public:
    /// Goes from record to record.
    class Iterator {
    public:
        /// An input iterator: each record is read once.
        using iterator_category = std::input_iterator_tag;
        /// A record.
        using value_type = Event;
        /// The distance between two records.
        using difference_type = std::ptrdiff_t;
        /// A pointer to a record.
        using pointer = const Event*;
        /// The current record.
        using reference = const Event&;

        /// After the last record.
        Iterator() noexcept : stream_(nullptr) {}
        /// At the next record.
        explicit Iterator(Stream& stream) : stream_(&stream), event_(stream.next()) {}

        /// The current record.
        const Event& operator*() const noexcept { return event_; }
        /// The same.
        const Event* operator->() const noexcept { return &event_; }
        /// Reads the next record.
        Iterator& operator++()
        {
            event_ = stream_->next();
            return *this;
        }
        /// The same.
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept
        {
            return a.event_.c_api() == b.event_.c_api();
        }
        friend bool operator!=(const Iterator& a, const Iterator& b) noexcept { return !(a == b); }

    private:
        Stream* stream_;
        Event event_;
    };

    /// Takes ownership of a stream of the C interface.
    explicit Stream(sac_stream* handle) : state_(new State(handle)) {}

    /// The stream of a call that was not made because of `error`.
    SAC_HPP_NODISCARD static Stream refused(const Error& error)
    {
        Stream stream(nullptr);
        stream.state_->refused.reset(new Response(Response::refused(error)));
        return stream;
    }

    /// The first response: its status, header fields and journal. A response with a status of 300
    /// and above is complete, with its body and its error. Valid as long as the stream. Any thread.
    const Response& head() const& { return state_ ? state_->first() : Event::none(); }
    const Response& head() const&& = delete;

    /// Whether there is no error: while the body arrives, and after its regular end.
    bool ok() const noexcept { return code() == Code::ok; }
    /// The same.
    explicit operator bool() const noexcept { return ok(); }

    /// `Code::ok`, or the code of the error.
    Code code() const noexcept
    {
        return is_refused() ? head().code() : static_cast<Code>(sac_stream_code(c_api()));
    }

    /// The error; false if there is none.
    Error error() const
    {
        if (is_refused())
            return head().error();
        const char* text = sac_stream_error(c_api());
        return text ? Error(code(), text) : Error(code());
    }

    /// If there is an error, throws an Exception of the matching class, and moves the stream into
    /// it. Its `response()` is the head.
    Stream& or_throw() &
    {
        throw_unless_ok();
        return *this;
    }
    Stream or_throw() &&
    {
        throw_unless_ok();
        return std::move(*this);
    }

    /// Reads the next bytes of the body, at most `size`, after content decoding; 0 is the end.
    /// Waits until there are some. A stream that is read by records cannot also be read as bytes:
    /// `Code::invalid_argument`.
    Result<std::size_t> read(void* buffer, std::size_t size)
    {
        if (!c_api())
            return Result<std::size_t>(error());
        const detail::PendingException pending;
        std::size_t count = 0;
        const sac_code code =
            sac_stream_read(c_api(), static_cast<std::uint8_t*>(buffer), size, &count);
        pending.rethrow();
        if (code == SAC_OK)
            return Result<std::size_t>(std::move(count));
        const Error failure = error();
        return Result<std::size_t>(failure ? failure : detail::to_error(code));
    }

    /// Reads the next record, and waits until it is complete; false at the end, or after a failure.
    /// An earlier record is no longer valid.
    Event next() &
    {
        const detail::PendingException pending;
        const sac_event* event = sac_stream_next(c_api());
        pending.rethrow();
        return event ? Event(event, &state_->json) : Event();
    }
    Event next() && = delete;

    /// At the next record.
    Iterator begin() & { return Iterator(*this); }
    /// After the last record.
    Iterator end() const noexcept { return Iterator(); }

    /// The stream of the C interface, still owned by this; NULL if the call was not made.
    sac_stream* c_api() const noexcept { return state_ ? state_->handle.get() : nullptr; }

    /// Gives up the stream of the C interface, with its head and its record. The caller frees it
    /// with `sac_stream_free`. NULL, and nothing changes, if the call was not made, or if the
    /// client or the request has had an OnLog, OnRetry, OnProgress, OnTrace, BodyStream or
    /// `std::stop_token`: the stream may use these, and they end with this object.
    SAC_HPP_NODISCARD sac_stream* release() noexcept
    {
        if (!c_api() || state_->has_callbacks())
            return nullptr;
        sac_stream* const handle = state_->handle.release();
        state_.reset();
        return handle;
    }

private:
    friend class Client;

    /// In a fixed place, because records refer to it.
    struct State {
        explicit State(sac_stream* stream)
            : handle(stream), head(sac_stream_head(stream)), json(nullptr)
        {
        }

        const Response& first() const noexcept { return refused ? *refused : head.get(); }

        bool has_callbacks() const noexcept
        {
            return !client_callbacks.empty() || !request_callbacks.empty();
        }

        // The functions that the stream may call outlive it: members are destroyed in reverse
        // order.
        detail::CallbackOwner client_callbacks;
        std::vector<std::shared_ptr<void>> request_callbacks;
        detail::StreamHandle handle;
        detail::LentResponse head;
        detail::LentResponse json;
        std::unique_ptr<Response> refused;
    };

    bool is_refused() const noexcept { return state_ && state_->refused; }

    void throw_unless_ok()
    {
        if (ok())
            return;
        const Error cause = error();
        const std::shared_ptr<const State> state(std::move(state_));
        // The exception owns the state, which the head is a part of.
        detail::raise(cause, state ? std::shared_ptr<const Response>(state, &state->first())
                                   : nullptr);
    }

    std::unique_ptr<State> state_;
};

/// Reads a Stream through a `std::istream`: `sac::StreamBuffer buffer(stream); std::istream
/// in(&buffer);`. After a failure of the stream, `in.bad()` is true and `stream.error()` says why.
/// With `in.exceptions(std::ios::badbit)`, the failure is thrown as an Exception.
class StreamBuffer : public std::streambuf {
public:
    /// `stream`: must outlive this.
    explicit StreamBuffer(Stream& stream) : stream_(stream), bytes_(64 * 1024) {}

protected:
    /// Reads the next bytes.
    int_type underflow() override
    {
        // A std::istream catches the exception and becomes bad.
        const std::size_t count = stream_.read(bytes_.data(), bytes_.size()).or_throw();
        if (count == 0)
            return traits_type::eof();
        setg(bytes_.data(), bytes_.data(), bytes_.data() + count);
        return traits_type::to_int_type(*gptr());
    }

private:
    Stream& stream_;
    std::vector<char> bytes_;
};

}  // namespace sac

#endif
