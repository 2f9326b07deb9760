#include "support.hpp"

#include <atomic>
#include <thread>
#include <type_traits>
#include <vector>

static_assert(!std::is_copy_constructible<sac::Client>::value, "a client has one owner");
static_assert(std::is_nothrow_move_constructible<sac::Client>::value, "a client moves");
static_assert(std::has_virtual_destructor<sac::Client>::value, "a client may be subclassed");

TEST_CASE("a client whose constructor failed sends nothing and returns its error")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url(), sac::Bearer("a\nb"), sac::UserAgent("x"));
    CHECK(client.error().code() == sac::Code::invalid_header);
    CHECK_THROWS_AS((void)client.or_throw(), sac::InputError);
    CHECK(contains(sac::Client("api.example").error().message(), "http:// or https://"));
    const auto code = sac::Code::invalid_header;
    CHECK(client.get("/").code() == code);
    CHECK(client.get("/", sac::Retries(1)).code() == code);
    CHECK(client.post("/", sac::Json("{}")).code() == code);
    CHECK(client.post("/", sac::Form{"a", "b"}).code() == code);
    CHECK(client.clone().get("/").code() == code);
    CHECK(server.requests().empty());
    CHECK(sac::Client("ftp://example.com").get("/").code() == sac::Code::invalid_url);
}

TEST_CASE("a refused setting leaves the client unchanged")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url(), sac::Bearer("token"));
    CHECK(
        client.set(sac::Header{"X-A", "1"}, sac::Bearer("a\nb"), sac::Header{"X-B", "2"}).code() ==
        sac::Code::invalid_header);
    CHECK_FALSE(client.error());
    CHECK(client.get("/"));
    const std::string request = server.requests().at(0);
    CHECK(contains(request, "authorization: Bearer token"));
    CHECK(contains(request, "x-a: 1"));
    CHECK_FALSE(contains(request, "x-b"));
}

TEST_CASE("a clone is a separate scope")
{
    Server server({Server::ok("{}")});
    sac::Client shared(server.url(), sac::UserAgent("shop"), sac::Header{"X-Shared", "1"});
    {
        sac::Client scope = shared.clone(sac::Bearer("ada"), sac::Cookie{{"a", "1"}, {"b", "2"}});
        CHECK_FALSE(scope.error());
        CHECK_FALSE(scope.remove_cookie("a"));
        CHECK(scope.get("/"));
        CHECK_FALSE(scope.remove_header("x-shared"));
        scope.reset();
        CHECK(scope.get("/"));
    }
    CHECK(shared.get("/"));
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(contains(requests[0], "authorization: Bearer ada"));
    CHECK(contains(requests[0], "cookie: b=2\r\n"));
    CHECK(contains(requests[0], "x-shared: 1"));
    CHECK_FALSE(contains(requests[1], "authorization"));
    CHECK(contains(requests[1], "user-agent: shop"));
    CHECK_FALSE(contains(requests[2], "authorization"));
    CHECK(contains(requests[2], "x-shared: 1"));
    CHECK(shared.clone(sac::Bearer("\n")).error().code() == sac::Code::invalid_header);
}

TEST_CASE("a call of a client that was moved from returns an error")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url());
    sac::Client moved = std::move(client);
    CHECK(moved.get("/"));
    CHECK(client.get("/").code() == sac::Code::null_argument);
    CHECK(client.set(sac::Retries(1)).code() == sac::Code::null_argument);
    CHECK(client.clone().get("/").code() == sac::Code::null_argument);
    CHECK_FALSE(client.stats());
    client = std::move(moved);
    CHECK(client.get("/"));
}

TEST_CASE("a full URL of the same origin has a path")
{
    const sac::Client client("http://api.example/base");
    CHECK(client.path_of("http://api.example/base/a?b=c").or_throw() == "/a?b=c");
    CHECK(client.path_of("http://other.example/base/a").error().code() == sac::Code::invalid_url);
}

TEST_CASE("a client and its clones share the counters")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    CHECK(client.clone().get("/"));
    CHECK(client.get("/"));
    CHECK(contains(client.stats().or_throw(), "\"requests\":2"));
    client.close_idle();
    CHECK(client.get("/"));
    CHECK(contains(client.stats().or_throw(), "\"connections_opened\":2"));
}

TEST_CASE("a client can be passed to C and taken from it")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url());
    sac_client* raw = client.release();
    REQUIRE(raw);
    CHECK(sac::Client(raw).get("/"));
}

TEST_CASE("several threads may use and change one client")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url());
    std::atomic<int> failures(0);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&client, &failures, t] {
            for (int i = 0; i < 25; ++i) {
                if (client.set(sac::Header{"X-Thread", t}, sac::OnRetry(nullptr)))
                    ++failures;
                if (!client.get("/") || !client.clone(sac::Bearer("t")).get("/"))
                    ++failures;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(failures == 0);
    CHECK(server.requests().size() == 200);
}

namespace {

struct Gone : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A derived client with its own functions, which interprets responses.
class Shop : public sac::Client {
public:
    using sac::Client::Client;
    explicit Shop(sac::Client client) : sac::Client(std::move(client)) {}

    std::string name_of(int item) const
    {
        return get("/v1/items/" + std::to_string(item)).get<std::string>("/name").or_throw();
    }

    mutable int responses = 0;

protected:
    sac::Response on_response(sac::Response response) const override
    {
        ++responses;
        if (response.status() == 410)
            throw Gone(response.error().message());
        return response;
    }
};

}  // namespace

TEST_CASE("a derived client receives every response")
{
    Server server({Server::ok("{\"name\": \"Kettle\"}"), Server::reply("410 Gone", "")});
    const Shop shop(server.url(), sac::Bearer("token"));
    CHECK(shop.name_of(7) == "Kettle");
    CHECK_THROWS_AS((void)shop.get("/", sac::Retries(0)), Gone);
    CHECK(shop.get("bad").code() == sac::Code::invalid_path);
    CHECK(shop.post("/", sac::Json("{")).code() == sac::Code::invalid_json);
    CHECK(shop.get("/", sac::Header{"a b", ""}).code() == sac::Code::invalid_header);
    CHECK(shop.responses == 5);
    const Shop scope(shop.clone(sac::Bearer("other")));
    CHECK_THROWS_AS((void)scope.get("/"), Gone);
}
