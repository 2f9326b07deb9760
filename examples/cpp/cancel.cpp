// Ways to end a call early: from another thread, in a signal handler, and with a C++20 stop token.
// Takes the base URL of the demo server.
#include <sac.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

namespace {

// A response that takes a minute.
const char* const slow = "/v1/slow?ms=60000";

void report(const char* how, const sac::Response& response)
{
    std::cout << how << ": " << response.error().message() << ", after "
              << std::chrono::duration_cast<std::chrono::milliseconds>(response.elapsed()).count()
              << " ms\n";
}

void from_another_thread(const sac::Client& api)
{
    const sac::Cancel cancel;
    std::thread other([&cancel] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        cancel.trigger();
    });
    report("From another thread", api.get(slow, cancel));
    other.join();
}

// The cancel that the signal handler triggers.
sac_cancel* interrupted = nullptr;

extern "C" void on_interrupt(int) { sac_cancel_trigger(interrupted); }

void from_a_signal(const sac::Client& api)
{
    const sac::Cancel cancel;
    interrupted = cancel.c_api();
    std::signal(SIGINT, on_interrupt);
    std::thread user([] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        std::raise(SIGINT);  // Like Ctrl-C.
    });
    report("With Ctrl-C", api.get(slow, cancel));
    user.join();
    std::signal(SIGINT, SIG_DFL);
}

#if defined(SAC_HPP_STOP_TOKEN)

void with_a_stop_token(const sac::Client& api)
{
    std::jthread worker([&api](std::stop_token token) {
        report("With a stop token", api.get(slow, token, sac::Retries(3)));
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    // The destructor requests the stop, and waits for the thread.
}

#endif

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " BASE_URL\n";
        return EXIT_FAILURE;
    }
    const sac::Client api(argv[1], sac::Timeout(std::chrono::minutes(5)));
    from_another_thread(api);
    from_a_signal(api);
#if defined(SAC_HPP_STOP_TOKEN)
    with_a_stop_token(api);
#endif
    return EXIT_SUCCESS;
}
