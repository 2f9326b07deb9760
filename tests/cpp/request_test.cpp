#include "support.hpp"

#include <type_traits>

static_assert(!std::is_copy_constructible<sac::Request>::value, "a request has one owner");
static_assert(std::is_nothrow_move_constructible<sac::Request>::value, "a request moves");

TEST_CASE("a request can be sent many times")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    sac::Request request("POST", "/a", sac::Json("1"));
    request.set(sac::Query{"b", "c"}, sac::Header{"X-A", "d"});
    CHECK(client.send(request));
    const sac::Request moved = std::move(request);
    CHECK(client.send(moved));
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0] == requests[1]);
    CHECK(requests[0].find("POST /a?b=c HTTP/1.1\r\n") == 0);
}

TEST_CASE("a request with an error is never sent and returns its first error")
{
    Server server({Server::ok("{}")});
    sac::Request request("GET", "/", sac::Header{"a b", "c"}, sac::Json("{"));
    CHECK(request.error().code() == sac::Code::invalid_header);
    CHECK_THROWS_AS((void)request.or_throw(), sac::InputError);
    CHECK(sac::Client(server.url()).send(request).code() == sac::Code::invalid_header);
    CHECK(server.requests().empty());
    CHECK(sac::Request("GET /", "/").error().code() == sac::Code::invalid_method);
    CHECK(sac::Request("GET", "a").error().code() == sac::Code::invalid_path);
}

TEST_CASE("a request that was moved from gives an error")
{
    sac::Request request("GET", "/");
    const sac::Request moved = std::move(request);
    CHECK(sac::Client(unused_url()).send(request).code() == sac::Code::null_argument);
}

TEST_CASE("a request can be passed to C and taken from it")
{
    Server server({Server::ok("{}")});
    sac::Request request("GET", "/");
    sac_request* raw = request.release();
    REQUIRE(raw);
    REQUIRE(sac_request_add_query(raw, "a", "b") == SAC_OK);
    CHECK(sac::Client(server.url()).send(sac::Request(raw)));
    CHECK(server.requests().at(0).find("GET /?a=b ") == 0);
}
