/// @file
/// Functions of the caller's that the library calls, and how they are kept alive.
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

/// What is said before each wait for a retry.
struct Retry {
    unsigned attempt;                ///< How many attempts were made.
    Code code;                       ///< What came of the last one.
    int status;                      ///< Its status; 0 where no answer arrived.
    std::chrono::milliseconds wait;  ///< How long will be waited.
};

/// Receives the log messages of a client and of clones made afterwards, at `level` and above: one
/// line each, without secrets. Called by several threads at once where several make calls. What it
/// throws is dropped. An empty function: nobody. For a client.
struct OnLog {
    /// `level_`: the least urgent level that is of interest; ignored for an empty function.
    explicit OnLog(std::function<void(LogLevel, View)> callback_, LogLevel level_ = LogLevel::info)
        : callback(std::move(callback_)), level(level_)
    {
    }

    /// Who is told.
    std::function<void(LogLevel, View)> callback;
    /// From which level on.
    LogLevel level;
};

/// Is asked before each wait for a retry; after false the call ends with what it has. What it
/// throws ends the call too, and is thrown again by the function that made it. Called by several
/// threads at once where several make calls. An empty function: nobody. For a client.
struct OnRetry {
    /// `callback_`: says whether the retry may happen.
    explicit OnRetry(std::function<bool(const Retry&)> callback_) : callback(std::move(callback_))
    {
    }

    /// Who is asked.
    std::function<bool(const Retry&)> callback;
};

namespace detail {

/// What lives as long as a client and the clones made of it: a call that has begun may still use
/// the callback that was replaced since, so nothing is let go before. A list that only grows at its
/// head, and of which clones share the tail; any thread may add and share.
class Keep {
public:
    Keep() noexcept : newest_(nullptr) {}
    Keep(Keep&& other) noexcept : newest_(other.newest_.exchange(nullptr)) {}
    Keep& operator=(Keep&& other) noexcept
    {
        if (this != &other)
            let_go(newest_.exchange(other.newest_.exchange(nullptr)));
        return *this;
    }
    ~Keep() { let_go(newest_.load()); }

    /// Another list that keeps what is kept here now.
    Keep share() const noexcept
    {
        Keep shared;
        Node* node = newest_.load();
        if (node)
            node->holders.fetch_add(1);
        shared.newest_.store(node);
        return shared;
    }

    void add(std::shared_ptr<void> what)
    {
        Node* node = new Node(std::move(what), newest_.load());
        while (!newest_.compare_exchange_weak(node->older, node)) {
        }
    }

    bool empty() const noexcept { return !newest_.load(); }

private:
    struct Node {
        Node(std::shared_ptr<void> what_, Node* older_)
            : holders(1), what(std::move(what_)), older(older_)
        {
        }

        std::atomic<std::size_t> holders;
        std::shared_ptr<void> what;
        Node* older;
    };

    static void let_go(Node* node) noexcept
    {
        while (node && node->holders.fetch_sub(1) == 1) {
            Node* older = node->older;
            delete node;
            node = older;
        }
    }

    std::atomic<Node*> newest_;
};

/// Carries what a callback throws around the library, through which it must not pass, to the
/// function that made the call: callbacks run on the thread that makes the call. On a thread of the
/// library's own there is no such function, and the exception ends with the thread.
class Thrown {
public:
    /// Calls may be made within calls, by a callback.
    Thrown() noexcept { outer_.swap(latest()); }
    ~Thrown() { outer_.swap(latest()); }

    Thrown(const Thrown&) = delete;
    Thrown& operator=(const Thrown&) = delete;

    /// In a handler: keeps the exception that is being handled.
    static void keep() noexcept { latest() = std::current_exception(); }

    /// Throws what was kept, if anything was.
    void again() const
    {
        if (latest())
            std::rethrow_exception(latest());
    }

private:
    static std::exception_ptr& latest() noexcept
    {
        static thread_local std::exception_ptr exception;
        return exception;
    }

    std::exception_ptr outer_;
};

/// The function behind a `userdata`.
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
        Thrown::keep();
        return false;
    }
}

}  // namespace detail
}  // namespace sac

#endif
