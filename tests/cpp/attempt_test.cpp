#include "support.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace {

const char* const sha256_of_abc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

}  // namespace

TEST_CASE("an attempt callback sees the request as it goes out, and sets fields for it alone")
{
    Server server({Server::reply("302 Found", "", "Location: /to?b=2\r\n"), Server::ok("{}")});
    std::vector<std::string> seen;
    const sac::Client client(
        server.url(), sac::Bearer("t0ken"), sac::OnAttempt([&](sac::Attempt& attempt) {
            seen.push_back(attempt.method().str() + ' ' + attempt.target().str() + ' ' +
                           std::to_string(attempt.number()));
            CHECK(attempt.url() == server.url() + attempt.target().str());
            CHECK(attempt.header("AUTHORIZATION") == "Bearer t0ken");
            CHECK_FALSE(attempt.header("X-None"));
            return !attempt.set_header("X-Signature", "of " + seen.back());
        }));
    CHECK(client.get("/from"));
    REQUIRE(seen == std::vector<std::string>{"GET /from 1", "GET /to?b=2 1"});
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(contains(requests[0], "x-signature: of GET /from 1\r\n"));
    CHECK(contains(requests[1], "x-signature: of GET /to?b=2 1\r\n"));
}

TEST_CASE("an attempt callback sees a body in memory and the hash of every body")
{
    Server server({Server::ok("{}")});
    std::vector<bool> in_memory;
    const sac::Client client(server.url(), sac::OnAttempt([&](sac::Attempt& attempt) {
                                 in_memory.push_back(attempt.body().data() != nullptr);
                                 if (in_memory.back())
                                     CHECK(attempt.body().str() == "abc");
                                 CHECK(attempt.body_sha256() == sha256_of_abc);
                                 return true;
                             }));
    CHECK(client.put("/", sac::Body{"text/plain", "abc"}));
    std::size_t next = 0;
    const sac::BodyStream body(
        "text/plain", 3,
        [&](char* buffer, std::size_t) {
            *buffer = "abc"[next++];
            return std::size_t(1);
        },
        [&] {
            next = 0;
            return true;
        });
    CHECK(client.put("/", body));
    CHECK(in_memory == std::vector<bool>{true, false});
    CHECK(contains(server.requests().back(), "\r\n\r\nabc"));
}

TEST_CASE("an attempt callback may cancel the call, throw, and be removed")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url(), sac::OnAttempt([](sac::Attempt&) { return false; }));
    const auto response = client.get("/");
    CHECK(response.code() == sac::Code::cancelled);
    CHECK(contains(response.error().message(), "attempt callback"));
    CHECK_FALSE(client.set(sac::OnAttempt([](sac::Attempt& attempt) -> bool {
        const sac::Error refused = attempt.set_header("Content-Length", "1");
        CHECK(refused.code() == sac::Code::invalid_header);
        throw std::runtime_error("no key");
    })));
    CHECK_THROWS_WITH((void)client.get("/"), "no key");
    CHECK(server.requests().empty());
    CHECK_FALSE(client.set(sac::OnAttempt(nullptr)));
    CHECK(client.get("/"));
    // A released client does not call functions of an object that is gone.
    CHECK_FALSE(client.set(sac::OnAttempt([](sac::Attempt&) { return false; })));
    sac_client* const released = client.release();
    CHECK(sac::Client(released).get("/"));
}

TEST_CASE("AwsSigV4 signs each request, and replaces other credentials")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url(), sac::Bearer("t0ken"),
                       sac::AwsSigV4("us-east-1", "dynamodb", "AKIDEXAMPLE", "s3cret"));
    CHECK(client.get("/"));
    CHECK_FALSE(client.set(sac::AwsSigV4("r", "s3", "AKIDEXAMPLE", "s3cret", "session")));
    CHECK(client.get("/"));
    CHECK_FALSE(client.set(sac::Bearer("t0ken")));
    CHECK(client.get("/"));
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(contains(requests[0], "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
    CHECK(contains(requests[0], "/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, "));
    CHECK(contains(requests[1], "x-amz-security-token: session\r\n"));
    CHECK(contains(requests[2], "authorization: Bearer t0ken\r\n"));
    CHECK(client.set(sac::AwsSigV4("", "s3", "k", "s")).code() == sac::Code::invalid_argument);
}
