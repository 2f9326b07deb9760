/// @file
/// Callbacks of a client, and how they stay alive.
#ifndef SAC_CALLBACK_HPP
#define SAC_CALLBACK_HPP

#include <sac/code.hpp>
#include <sac/text.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace sac {

/// The details of a retry, before its wait.
struct Retry {
    unsigned attempt;                ///< The number of attempts so far.
    Code code;                       ///< The result of the last one.
    int status;                      ///< Its status; 0 if no response arrived.
    std::chrono::milliseconds wait;  ///< The duration of the wait.
};

/// Receives the log messages of a client and of its later clones, of `level` and of more urgent
/// levels. Each message is one line without secrets. Several threads call it at once if several
/// make calls. Exceptions from it are ignored. An empty function disables logging. For a client.
struct OnLog {
    /// `level_`: the least urgent level to receive; ignored for an empty function.
    explicit OnLog(std::function<void(LogLevel, View)> callback_, LogLevel level_ = LogLevel::info)
        : callback(std::move(callback_)), level(level_)
    {
    }

    /// The function.
    std::function<void(LogLevel, View)> callback;
    /// The least urgent level that it receives.
    LogLevel level;
};

/// Decides before each wait for a retry whether the retry may happen. After false, the call ends
/// with the result of the last attempt. An exception from it also ends the call, and the function
/// that made the call throws it again. Several threads call it at once if several make calls. An
/// empty function allows every retry. For a client.
struct OnRetry {
    /// `callback_`: returns whether the retry may happen.
    explicit OnRetry(std::function<bool(const Retry&)> callback_) : callback(std::move(callback_))
    {
    }

    /// The function.
    std::function<bool(const Retry&)> callback;
};

namespace detail {

/// Owns the callbacks of a client and its clones until the last of these is gone, because a running
/// call may still use a callback that was replaced. It is a list that only grows at its head.
/// Clones share its tail. Any thread may add and share.
class CallbackOwner {
public:
    CallbackOwner() noexcept : head_(nullptr) {}
    CallbackOwner(CallbackOwner&& other) noexcept : head_(other.head_.exchange(nullptr)) {}
    CallbackOwner& operator=(CallbackOwner&& other) noexcept
    {
        if (this != &other)
            release(head_.exchange(other.head_.exchange(nullptr)));
        return *this;
    }
    ~CallbackOwner() { release(head_.load()); }

    /// Another list, which owns the callbacks that this list owns now.
    CallbackOwner share() const noexcept
    {
        CallbackOwner shared;
        Node* node = head_.load();
        if (node)
            node->references.fetch_add(1);
        shared.head_.store(node);
        return shared;
    }

    void add(std::shared_ptr<void> callback)
    {
        Node* node = new Node(std::move(callback), head_.load());
        while (!head_.compare_exchange_weak(node->next, node)) {
        }
    }

    bool empty() const noexcept { return !head_.load(); }

private:
    struct Node {
        Node(std::shared_ptr<void> callback_, Node* next_)
            : references(1), callback(std::move(callback_)), next(next_)
        {
        }

        std::atomic<std::size_t> references;
        std::shared_ptr<void> callback;
        Node* next;
    };

    static void release(Node* node) noexcept
    {
        while (node && node->references.fetch_sub(1) == 1) {
            Node* next = node->next;
            delete node;
            node = next;
        }
    }

    std::atomic<Node*> head_;
};

/// A flag that any thread may set and read, and that moves and copies its value.
class Flag {
public:
    Flag() noexcept : value_(false) {}
    Flag(const Flag& other) noexcept : value_(other.value_.load()) {}
    Flag& operator=(const Flag& other) noexcept { return *this = other.value_.load(); }
    Flag& operator=(bool value) noexcept
    {
        value_.store(value);
        return *this;
    }
    operator bool() const noexcept { return value_.load(); }

private:
    std::atomic<bool> value_;
};

/// Passes an exception from a callback to the function that made the call. The exception must not
/// pass through the library, and callbacks run on the thread that makes the call. On a thread that
/// the library started there is no such function, and the exception ends with the thread.
class PendingException {
public:
    /// Saves the exception of an outer call: a callback may make calls.
    PendingException() noexcept { outer_.swap(current()); }
    ~PendingException() { outer_.swap(current()); }

    PendingException(const PendingException&) = delete;
    PendingException& operator=(const PendingException&) = delete;

    /// In a handler: stores the current exception.
    static void capture() noexcept { current() = std::current_exception(); }

    /// Throws the stored exception, if there is one.
    void rethrow() const
    {
        if (current())
            std::rethrow_exception(current());
    }

private:
    static std::exception_ptr& current() noexcept
    {
        static thread_local std::exception_ptr exception;
        return exception;
    }

    std::exception_ptr outer_;
};

/// The function that `userdata` points to.
template <class Signature>
const std::function<Signature>& function_at(void* userdata) noexcept
{
    return *static_cast<const std::function<Signature>*>(userdata);
}

// The library calls these.

inline void on_log(void* userdata, std::int32_t level, const char* message) noexcept
{
    try {
        function_at<void(LogLevel, View)>(userdata)(static_cast<LogLevel>(level), View(message));
    } catch (...) {
    }
}

inline bool on_retry(void* userdata, std::uint32_t attempt, std::int32_t code, std::int32_t status,
                     std::uint64_t wait_ms) noexcept
{
    try {
        const Retry retry = {attempt, static_cast<Code>(code), status,
                             std::chrono::milliseconds(wait_ms)};
        return function_at<bool(const Retry&)>(userdata)(retry);
    } catch (...) {
        PendingException::capture();
        return false;
    }
}

}  // namespace detail
}  // namespace sac

#endif
