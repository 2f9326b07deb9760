#include "support.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using std::chrono::seconds;

namespace {

const sac::Backoff at_once{seconds(0), seconds(0)};

std::string failing() { return Server::reply("500 Internal Server Error", ""); }

// A function object that counts its copies.
struct Counted {
    std::shared_ptr<int> counter;
    bool operator()(const sac::Retry&) const { return false; }
};

}  // namespace

TEST_CASE("a log callback receives the lines of its level and more urgent ones")
{
    Server server({Server::ok("{}")});
    std::vector<std::string> lines;
    const sac::Client client(
        server.url(), sac::OnLog([&](sac::LogLevel level, sac::View line) {
            CHECK(static_cast<int>(level) <= static_cast<int>(sac::LogLevel::info));
            lines.push_back(line);
        }),
        sac::Bearer("s3cret"));
    CHECK(client.get("/there"));
    REQUIRE_FALSE(lines.empty());
    CHECK(lines.back().find("/there") != std::string::npos);
    CHECK(lines.back().find("s3cret") == std::string::npos);
}

TEST_CASE("without a callback the log level is ignored")
{
    Server server({Server::ok("{}")});
    int lines = 0;
    sac::Client client(server.url(), sac::OnLog([&](sac::LogLevel, sac::View) { ++lines; }));
    CHECK_FALSE(client.set(sac::OnLog(nullptr, static_cast<sac::LogLevel>(0))));
    CHECK(client.get("/"));
    CHECK(lines == 0);
}

TEST_CASE("a retry callback receives the last result and may prevent the retry")
{
    Server server({failing()});
    std::vector<sac::Retry> retries;
    const sac::Client client(server.url(), sac::Retries(5), at_once,
                             sac::OnRetry([&](const sac::Retry& retry) {
                                 retries.push_back(retry);
                                 return retries.size() < 2;
                             }));
    const auto response = client.get("/");
    CHECK(response.code() == sac::Code::status);
    CHECK(response.attempts() == 2);
    REQUIRE(retries.size() == 2);
    CHECK(retries[1].attempt == 2);
    CHECK(retries[1].code == sac::Code::status);
    CHECK(retries[1].status == 500);
    CHECK(retries[1].wait.count() == 0);
}

TEST_CASE("an exception of a log callback is ignored")
{
    Server server({Server::ok("{}")});
    const sac::Client client(
        server.url(), sac::OnLog([](sac::LogLevel, sac::View) { throw std::runtime_error("log"); },
                                 sac::LogLevel::trace));
    sac::Code code = sac::Code::internal;
    CHECK_NOTHROW(code = client.get("/").code());
    CHECK(code == sac::Code::ok);
}

TEST_CASE("an exception of another callback ends the call and reaches its caller")
{
    Server server({failing()});
    const sac::Client client(server.url(), sac::Retries(5), at_once,
                             sac::OnRetry([](const sac::Retry&) -> bool { throw 17; }));
    CHECK_THROWS_AS((void)client.get("/"), int);
    CHECK_THROWS_AS((void)client.get("/", sac::Timeout(seconds(5))), int);
    CHECK(server.requests().size() == 2);
    CHECK(sac::Client(server.url()).get("/").status() == 500);
}

TEST_CASE("an exception in a nested call ends only the nested call")
{
    Server server({failing()});
    int inner = 0;
    const sac::Client other(server.url(), sac::Retries(1), at_once,
                            sac::OnRetry([](const sac::Retry&) -> bool { throw 17; }));
    const sac::Client client(server.url(), sac::Retries(1), at_once,
                             sac::OnRetry([&](const sac::Retry&) {
                                 CHECK_THROWS_AS((void)other.get("/"), int);
                                 ++inner;
                                 return true;
                             }));
    CHECK(client.get("/").attempts() == 2);
    CHECK(inner == 1);
}

TEST_CASE("a callback may call the library")
{
    Server server({failing(), Server::ok("{}")});
    const sac::Client other(server.url());
    int succeeded = 0;
    const sac::Client client(server.url(), sac::Retries(1), at_once,
                             sac::OnRetry([&](const sac::Retry&) {
                                 succeeded += other.get("/") ? 1 : 0;
                                 return true;
                             }));
    CHECK(client.get("/"));
    CHECK(succeeded == 1);
}

TEST_CASE("a callback exists as long as the client and its clones")
{
    const auto counter = std::make_shared<int>(0);
    const long initial = counter.use_count();
    {
        sac::Client scope = sac::Client(unused_url()).clone();
        {
            sac::Client client(unused_url(), sac::OnRetry(Counted{counter}));
            CHECK(counter.use_count() == initial + 1);
            scope = client.clone();
        }
        CHECK(counter.use_count() == initial + 1);
        // A running call may still use a callback that was replaced.
        CHECK_FALSE(scope.set(sac::OnRetry(nullptr)));
        CHECK(counter.use_count() == initial + 1);
        sac::Client moved = std::move(scope);
        CHECK(counter.use_count() == initial + 1);
    }
    CHECK(counter.use_count() == initial);
}

TEST_CASE("the callback of a clone ends with the clone")
{
    const auto counter = std::make_shared<int>(0);
    const long initial = counter.use_count();
    const sac::Client shared(unused_url(), sac::OnRetry(Counted{counter}));
    for (int i = 0; i < 100; ++i)
        CHECK_FALSE(shared.clone(sac::OnRetry(Counted{counter})).error());
    CHECK(counter.use_count() == initial + 1);
}

TEST_CASE("a released client has no callbacks")
{
    Server server({failing()});
    int calls = 0;
    sac::Client client(server.url(), sac::Retries(1), at_once, sac::OnRetry([&](const sac::Retry&) {
                           ++calls;
                           return true;
                       }));
    const sac::Client released(client.release());
    CHECK(released.get("/").attempts() == 2);
    CHECK(calls == 0);
}

TEST_CASE("several threads may set, share and use callbacks at once")
{
    Server server({failing()});
    sac::Client client(server.url(), sac::Retries(1), at_once);
    std::atomic<int> calls(0);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 10; ++i) {
                const sac::OnRetry count([&](const sac::Retry&) {
                    ++calls;
                    return false;
                });
                if (!client.set(count))
                    (void)client.clone(count).get("/");
                (void)client.get("/");
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(calls == 80);
}
