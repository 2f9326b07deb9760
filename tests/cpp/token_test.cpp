#include "file.hpp"
#include "support.hpp"

#include <stdexcept>
#include <thread>
#include <vector>

using std::chrono::hours;
using std::chrono::seconds;

namespace {

std::string refused() { return Server::reply("401 Unauthorized", "{\"error\": \"bad token\"}"); }

std::string issued(const std::string& members)
{
    return Server::ok("{\"access_token\": \"issued\", \"token_type\": \"Bearer\"" + members + "}");
}

}  // namespace

TEST_CASE("a token function is called once, and again if the server refuses its token")
{
    Server server({Server::ok("{}"), refused(), Server::ok("{}")});
    std::vector<sac::TokenReason> reasons;
    const sac::Client client(server.url(), sac::OnToken([&](sac::TokenReason reason) {
                                 reasons.push_back(reason);
                                 return sac::Token("t" + std::to_string(reasons.size()), hours(1));
                             }));
    CHECK(client.get("/"));
    const sac::Response response = client.clone().get("/");
    CHECK(response);
    CHECK(response.attempts() == 2);
    REQUIRE(reasons.size() == 2);
    CHECK(reasons[0] == sac::TokenReason::needed);
    CHECK(reasons[1] == sac::TokenReason::refused);
    const auto requests = server.requests();
    CHECK(contains(requests[1], "uthorization: Bearer t1\r\n"));
    CHECK(contains(requests[2], "uthorization: Bearer t2\r\n"));
}

TEST_CASE("an error of a token function is the error of the call")
{
    const sac::Client client(unused_url(), sac::OnToken([](sac::TokenReason) {
                                 return sac::Result<sac::Token>(sac::Error(sac::Code::file));
                             }));
    const sac::Response response = client.get("/");
    CHECK(response.code() == sac::Code::token);
    CHECK(contains(response.error().message(), "returned SAC_ERR_FILE"));
}

TEST_CASE("an exception of a token function reaches the caller")
{
    const sac::Client client(unused_url(),
                             sac::OnToken([](sac::TokenReason) -> sac::Result<sac::Token> {
                                 throw std::runtime_error("sealed");
                             }));
    CHECK_THROWS_WITH((void)client.get("/"), "sealed");
    CHECK(client.get("/").code() == sac::Code::token);
}

TEST_CASE("an exception of an early refresh does not hide the response")
{
    Server server({Server::ok("{}")});
    int failures = 0;
    const sac::Client client(server.url(),
                             sac::OnToken([&](sac::TokenReason reason) -> sac::Result<sac::Token> {
                                 if (reason == sac::TokenReason::expiring) {
                                     ++failures;
                                     throw std::runtime_error("sealed");
                                 }
                                 return sac::Token("t", seconds(1));
                             }));
    // The last tenth of the second, sooner or later.
    while (failures == 0)
        REQUIRE(client.get("/"));
}

TEST_CASE("a token function that needs its own token gets an error")
{
    Server server({Server::ok("{}")});
    sac::Code inner = sac::Code::ok;
    sac::Client* used = nullptr;
    sac::Client client(server.url(), sac::OnToken([&](sac::TokenReason) {
                           inner = used->get("/").code();
                           return sac::Token("t");
                       }));
    used = &client;
    CHECK(client.get("/"));
    CHECK(inner == sac::Code::token);
}

TEST_CASE("a token with a line end or a NUL is refused")
{
    const std::vector<std::string> all = {"a\r\nX: 1", std::string("a\0b", 3), ""};
    for (const std::string& bad : all) {
        const sac::Client client(
            unused_url(), sac::OnToken([&](sac::TokenReason) { return sac::Token(bad); }));
        const sac::Response response = client.get("/");
        CHECK(response.code() == sac::Code::token);
        CHECK(contains(response.error().message(), "returned SAC_ERR_INVALID_"));
    }
}

TEST_CASE("the client's credentials are exchanged for a token")
{
    Server tokens({issued(", \"expires_in\": 3600")});
    Server server({Server::ok("{}")});
    std::string saved;
    const std::string url = tokens.url() + "/token";
    const sac::Client client(server.url(), sac::ClientCredentials(url, "app", "secret", "all"),
                             sac::OnTokenSaved([&](const sac::SavedToken& token) {
                                 CHECK(token.expires_in == hours(1));
                                 CHECK(token.refresh_token.empty());
                                 saved = token.access_token;
                             }));
    CHECK(client.get("/"));
    CHECK(saved == "issued");
    CHECK(contains(tokens.requests()[0], "uthorization: Basic YXBwOnNlY3JldA==\r\n"));
    CHECK(contains(tokens.requests()[0], "grant_type=client_credentials&scope=all"));
    CHECK(contains(server.requests()[0], "uthorization: Bearer issued\r\n"));
}

TEST_CASE("a refresh token is exchanged for a token")
{
    Server tokens({issued(", \"refresh_token\": \"next\"")});
    Server server({Server::ok("{}")});
    std::string next;
    sac::Client client(server.url(), sac::RefreshToken(tokens.url(), "public", "first"),
                       sac::OnTokenSaved([&](const sac::SavedToken& token) {
                           next = token.refresh_token;
                       }));
    CHECK(client.get("/"));
    CHECK(next == "next");
    const std::string body = "grant_type=refresh_token&refresh_token=first&client_id=public";
    CHECK(contains(tokens.requests()[0], body));
    CHECK_FALSE(client.set(sac::RefreshToken(tokens.url(), "app", "secret", "second")));
    CHECK(client.get("/"));
    CHECK(contains(tokens.requests()[1], "refresh_token=second"));
    CHECK(client.set(sac::ClientCredentials("nowhere", "a", "b")).code() == sac::Code::invalid_url);
}

TEST_CASE("the token of a file is sent")
{
    const TestFile file;
    file.write("from-file\n");
    Server server({Server::ok("{}")});
    CHECK(sac::Client(server.url(), sac::BearerFile(file.path())).get("/"));
    CHECK(contains(server.requests()[0], "uthorization: Bearer from-file\r\n"));
    sac::Response response = sac::Client(server.url(), sac::BearerFile("/nowhere")).get("/");
    CHECK(response.code() == sac::Code::token);
    CHECK_THROWS_AS(response.or_throw(), sac::NetworkError);
}

TEST_CASE("the latest source of tokens counts, and an empty function removes it")
{
    Server server({Server::ok("{}")});
    sac::Client client(server.url(), sac::BearerFile("/nowhere"),
                       sac::OnToken([](sac::TokenReason) { return sac::Token("function"); }));
    CHECK(client.get("/"));
    CHECK_FALSE(client.set(sac::OnToken(nullptr), sac::OnTokenSaved(nullptr)));
    CHECK(client.get("/"));
    CHECK(contains(server.requests()[0], "Bearer function"));
    CHECK_FALSE(contains(server.requests()[1], "uthorization"));
}

TEST_CASE("a released handle keeps its credentials, but no function of the client")
{
    Server server({Server::ok("{}")});
    const TestFile file;
    file.write("from-file");
    const auto function = [](sac::TokenReason) { return sac::Token("function"); };
    sac::Client with_function(server.url(), sac::BearerFile(file.path()), sac::OnToken(function));
    sac::Client moved(std::move(with_function));
    const sac::Client released(moved.release());
    CHECK(released.get("/"));
    sac::Client with_file(server.url(), sac::OnToken(function), sac::BearerFile(file.path()));
    const sac::Client other(with_file.release());
    CHECK(other.get("/"));
    CHECK_FALSE(contains(server.requests()[0], "uthorization"));
    CHECK(contains(server.requests()[1], "Bearer from-file"));
}
