#include "support.hpp"

#include <chrono>
#include <map>

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::steady_clock;

TEST_CASE("a duration of any type becomes milliseconds, and never 0 by rounding")
{
    using sac::detail::Milliseconds;
    CHECK(Milliseconds(seconds(2)).count() == 2000);
    CHECK(Milliseconds(milliseconds(0)).count() == 0);
    CHECK(Milliseconds(microseconds(1)).count() == 1);
    CHECK(Milliseconds(microseconds(1001)).count() == 2);
    CHECK(Milliseconds(std::chrono::duration<double>(0.25)).count() == 250);
    CHECK(Milliseconds(seconds(-3)).count() == 1);
    CHECK(Milliseconds(hours::max()).count() > 1000000000000U);
}

TEST_CASE("options may be in any order")
{
    Server server({Server::ok("{}")});
    sac::Client client(sac::detail::CString(server.url()), sac::UserAgent("shop/2.1"),
                       sac::Bearer("token"), sac::Timeout(seconds(5)), sac::Header{"X-A", "1"},
                       sac::Retries(2));
    REQUIRE_FALSE(client.error());
    CHECK(client.put("/b?c=d", sac::Retries(0), sac::Query{{"page", 2}, {"all", true}},
                     sac::Json("[1]"), sac::Header{{"X-A", "2"}, {"X-B", std::string("3")}}));
    CHECK(client.put("/b?c=d", sac::Header{{"X-A", "2"}, {"X-B", 3}}, sac::Json("[1]"),
                     sac::Query{{"page", 2U}, {"all", "true"}}, sac::Retries(0)));
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0] == requests[1]);
    CHECK(contains(requests[0], "PUT /b?c=d&page=2&all=true HTTP/1.1\r\n"));
    CHECK(contains(requests[0], "\r\nx-a: 2\r\n"));
    CHECK(contains(requests[0], "\r\nx-b: 3\r\n"));
    CHECK(contains(requests[0], "\r\nuser-agent: shop/2.1\r\n"));
    CHECK(contains(requests[0], "\r\nauthorization: Bearer token\r\n"));
    CHECK(contains(requests[0], "\r\n\r\n[1]"));
}

TEST_CASE("fields can be read from a map")
{
    Server server({Server::ok("{}")});
    const std::map<std::string, std::string> fields = {{"a", "1"}, {"b", "&"}};
    const sac::Client client(server.url());
    CHECK(client.get("/", sac::Query(fields.begin(), fields.end())));
    CHECK(contains(server.requests().at(0), "GET /?a=1&b=%26 HTTP/1.1\r\n"));
    const std::vector<std::pair<std::string, int>> numbers = {{"c", 2}, {"c", 3}};
    CHECK(client.get("/", sac::Query(fields), sac::Query(numbers)));
    CHECK(contains(server.requests().at(1), "GET /?a=1&b=%26&c=2&c=3 HTTP/1.1\r\n"));
}

TEST_CASE("each kind of body is sent")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    CHECK(client.post("/", sac::Form{{"a", "1 2"}, {"a", -3}}));
    CHECK(client.post("/", sac::Form{{"a", "1 2"}}, sac::Timeout(seconds(5))));
    CHECK(client.put("/", sac::Body("text/x-thing", std::string("a\0b", 3))));
    CHECK(client.patch("/", sac::Body("text/x-thing", nullptr, 0)));
    CHECK(client.patch("/", sac::Json("{}")));
    CHECK(client.post("/"));
    CHECK(client.put("/"));
    CHECK(client.patch("/"));
    const auto requests = server.requests();
    REQUIRE(requests.size() == 8);
    CHECK(contains(requests[0], "\r\n\r\na=1+2&a=-3"));
    CHECK(contains(requests[1], "\r\n\r\na=1+2"));
    CHECK(contains(requests[2], "\r\ncontent-type: text/x-thing\r\n"));
    CHECK(contains(requests[2], std::string("\r\n\r\na\0b", 7)));
    CHECK(contains(requests[3], "\r\ncontent-length: 0\r\n"));
    CHECK(contains(requests[4], "\r\n\r\n{}"));
    for (std::size_t i = 5; i < 8; ++i)
        CHECK(contains(requests[i], "\r\ncontent-length: 0\r\n"));
}

TEST_CASE("every method has a function")
{
    Server server({Server::reply("200 OK", "")});
    const sac::Client client(server.url());
    const sac::Header header{"X-A", "1"};
    CHECK(client.get("/"));
    CHECK(client.get("/", header));
    CHECK(client.get_binary("/"));
    CHECK(client.get_binary("/", header));
    CHECK(client.del("/"));
    CHECK(client.del("/", header));
    CHECK(client.request("PROPFIND", "/"));
    const auto requests = server.requests();
    REQUIRE(requests.size() == 7);
    CHECK(contains(requests[1], "accept: application/json"));
    CHECK(contains(requests[2], "accept: application/octet-stream"));
    CHECK(contains(requests[3], "accept: application/octet-stream"));
    CHECK(requests[5].find("DELETE ") == 0);
    CHECK(requests[6].find("PROPFIND ") == 0);
}

TEST_CASE("a deadline may be a point in time")
{
    Server server({""});
    const sac::Client client(server.url());
    const auto passed = client.get("/", sac::Deadline(steady_clock::now() - hours(1)));
    CHECK(passed.code() == sac::Code::timeout);
    const auto soon = client.get("/", sac::Deadline(steady_clock::now() + milliseconds(50)));
    CHECK(soon.code() == sac::Code::timeout);
}

TEST_CASE("a number that is not a status is refused")
{
    sac::Client client(unused_url());
    CHECK_FALSE(client.set(sac::RetryStatuses{429, 599}));
    CHECK_FALSE(client.set(sac::RetryStatuses{}));
    for (int status : {99, 600, -1, 65536 + 500})
        CHECK(client.set(sac::RetryStatuses{500, status}).code() == sac::Code::invalid_argument);
}

TEST_CASE("every setting is accepted")
{
    sac::Client client(unused_url(), sac::ReadTimeout(seconds(1)), sac::ConnectTimeout(seconds(1)),
                       sac::Deadline(seconds(9)), sac::MaxBodyBytes(1000), sac::Redirects(3),
                       sac::Backoff(milliseconds(1), seconds(1)), sac::RetryAfterMax(seconds(1)),
                       sac::RateLimit(100, seconds(1), 10), sac::Verify(false),
                       sac::ConnectionMaxAge(minutes(1)),
                       sac::MinTls(sac::Tls::v1_3), sac::Basic("ada", "secret"),
                       sac::Cookie{"a", "b"},
                       sac::SignedCookie("s", "{}", "id", "key", sac::Digest::sha256));
    CHECK_FALSE(client.error());
    CHECK(client.set(sac::CaFile("/nonexistent")).code() == sac::Code::file);
    CHECK(client.set(sac::CaPem("none")).code() == sac::Code::certificate);
    CHECK(client.set(sac::MinTls(static_cast<sac::Tls>(11))).code() == sac::Code::invalid_argument);
    CHECK(client
              .get("/", sac::ConnectTimeout(seconds(9)), sac::ReadTimeout(seconds(1)),
                   sac::MaxBodyBytes(0), sac::Redirects(0), sac::KeepAlive(true),
                   sac::Backoff(seconds(0), seconds(0)), sac::RetryStatuses{500}, sac::Verify(true),
                   sac::IdempotencyKey("k"))
              .code() == sac::Code::connect);
}

TEST_CASE("a request without keep-alive sends Connection: close")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    CHECK(client.get("/"));
    CHECK(client.get("/", sac::KeepAlive(false)));
    CHECK_FALSE(contains(server.requests().at(0), "connection: close"));
    CHECK(contains(server.requests().at(1), "\r\nconnection: close\r\n"));
}

TEST_CASE("cookies from servers are kept only if the cookie jar is on")
{
    Server server({Server::reply("200 OK", "{}", "Set-Cookie: visits=1\r\n")});
    const sac::Client client(server.url(), sac::CookieJar(true));
    CHECK(client.get("/"));
    CHECK(client.get("/"));
    CHECK_FALSE(contains(server.requests().at(0), "cookie: "));
    CHECK(contains(server.requests().at(1), "\r\ncookie: visits=1\r\n"));
}

TEST_CASE("a request uses the proxy, or none")
{
    Server server({Server::ok("{}")});
    sac::Client client("http://api.invalid", sac::Proxy(server.url()));
    CHECK(client.get("/a"));
    CHECK(server.requests().at(0).find("GET http://api.invalid/a HTTP/1.1\r\n") == 0);
    CHECK_FALSE(client.set(sac::Proxy::none()));
    CHECK(client.get("/a").code() == sac::Code::resolve);
    CHECK_FALSE(client.set(sac::Proxy::from_environment()));
    CHECK(client.set(sac::Proxy("gopher://a")).code() == sac::Code::invalid_url);
}

TEST_CASE("a client uses a Unix domain socket, or none")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url(), sac::UnixSocket("/nonexistent/socket"));
    CHECK(client.get("/").code() == sac::Code::connect);
    CHECK_FALSE(client.set(sac::UnixSocket::none()));
    CHECK(client.get("/"));
    CHECK(client.set(sac::UnixSocket(std::string(200, 'a'))).code() == sac::Code::invalid_argument);
}

TEST_CASE("a client certificate must be usable")
{
    sac::Client client(unused_url());
    CHECK(client.set(sac::ClientCertificate("/nonexistent", "/nonexistent")).code() ==
          sac::Code::file);
    CHECK(client.set(sac::ClientCertificatePem("none", "none")).code() == sac::Code::certificate);
}

TEST_CASE("a Digest challenge is answered within the attempt")
{
    Server server({Server::reply("401 Unauthorized", "{}",
                                 "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
                                 "qop=\"auth\"\r\n"),
                   Server::ok("{}"), Server::ok("{}")});
    const sac::Client client(server.url(), sac::DigestAuth("ada", "s3cret"));
    CHECK(client.get("/").attempts() == 1);
    CHECK(client.get("/"));
    CHECK_FALSE(contains(server.requests().at(0), "authorization: "));
    CHECK(contains(server.requests().at(1), "\r\nauthorization: Digest username=\"ada\", "));
    CHECK(contains(server.requests().at(2), "nc=00000002, "));
}

TEST_CASE("the password of a key can be set and removed")
{
    sac::Client client(unused_url(), sac::ClientCertificatePassword("hunter2222"));
    CHECK_FALSE(client.error());
    CHECK_FALSE(client.set(sac::ClientCertificatePassword::none()));
}

TEST_CASE("pinned keys must be digests, and can be removed")
{
    sac::Client client(unused_url());
    CHECK(client.set(sac::PinnedKeys("sha256//x")).code() == sac::Code::invalid_argument);
    CHECK_FALSE(client.set(
        sac::PinnedKeys("sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
    CHECK_FALSE(client.set(sac::PinnedKeys::none()));
}

TEST_CASE("a client can restore the default User-Agent")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url(), sac::UserAgent("shop"));
    CHECK_FALSE(client.set(sac::UserAgent::standard()));
    CHECK(client.get("/"));
    CHECK(contains(server.requests().at(0), "user-agent: libsac/"));
}
