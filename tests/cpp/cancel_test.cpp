#include "support.hpp"

#include <future>
#include <thread>
#include <type_traits>

static_assert(!std::is_copy_constructible<sac::Cancel>::value, "a cancel has one owner");
static_assert(std::is_nothrow_move_constructible<sac::Cancel>::value, "a cancel moves");

namespace {

// Returns when the request has arrived.
void wait_for_request(const Server& server)
{
    while (server.requests().empty())
        std::this_thread::yield();
}

}  // namespace

TEST_CASE("a cancel ends a call that waits")
{
    Server server({""});
    const sac::Client client(server.url(), sac::Timeout(std::chrono::minutes(5)));
    const sac::Cancel cancel;
    REQUIRE_FALSE(cancel.error());
    auto call = std::async(std::launch::async, [&] { return client.get("/", cancel).code(); });
    wait_for_request(server);
    CHECK_FALSE(cancel.triggered());
    cancel.trigger();
    CHECK(call.get() == sac::Code::cancelled);
    CHECK(cancel.triggered());
    CHECK(client.get("/", cancel).attempts() == 0);
    CHECK_THROWS_AS((void)client.get("/", cancel).or_throw(), sac::CancelledError);
}

TEST_CASE("a request keeps a reference to its cancel")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    sac::Request request("GET", "/");
    {
        const sac::Cancel cancel;
        request.set(cancel);
    }
    CHECK(client.send(request));
}

TEST_CASE("a cancel that was moved from is refused")
{
    sac::Cancel cancel;
    const sac::Cancel moved = std::move(cancel);
    cancel.trigger();
    CHECK_FALSE(moved.triggered());
    CHECK(sac::Client(unused_url()).get("/", cancel).code() == sac::Code::null_argument);
}

TEST_CASE("a cancel can be passed to C and taken from it")
{
    sac::Cancel cancel;
    sac_cancel* raw = cancel.release();
    REQUIRE(raw);
    sac_cancel_trigger(raw);
    CHECK(sac::Cancel(raw).triggered());
}

#if defined(SAC_HPP_STOP_TOKEN)

TEST_CASE("a stop token ends a call that waits")
{
    Server server({""});
    const sac::Client client(server.url(), sac::Timeout(std::chrono::minutes(5)));
    std::stop_source source;
    auto call = std::async(std::launch::async, [&client, token = source.get_token()] {
        return client.get("/", sac::Retries(0), token).code();
    });
    wait_for_request(server);
    source.request_stop();
    CHECK(call.get() == sac::Code::cancelled);
    CHECK(client.get("/", source.get_token()).attempts() == 0);
}

TEST_CASE("a token that can never stop has no effect")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    CHECK(client.get("/", std::stop_token()));
    std::stop_source source;
    CHECK(client.get("/", source.get_token()));
}

TEST_CASE("a stop reaches a request that was moved")
{
    std::stop_source source;
    sac::Request request("GET", "/", source.get_token());
    const sac::Request moved = std::move(request);
    source.request_stop();
    CHECK(sac::Client(unused_url()).send(moved).code() == sac::Code::cancelled);
}

TEST_CASE("the token of a jthread ends its call")
{
    Server server({""});
    const sac::Client client(server.url(), sac::Timeout(std::chrono::minutes(5)));
    sac::Code code = sac::Code::ok;
    {
        std::jthread worker([&](std::stop_token token) { code = client.get("/", token).code(); });
        wait_for_request(server);
    }
    CHECK(code == sac::Code::cancelled);
}

#endif
