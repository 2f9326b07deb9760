#include "file.hpp"
#include "support.hpp"

#include <fstream>
#include <ios>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

using std::chrono::milliseconds;

std::string unavailable() { return Server::reply("503 Service Unavailable", "{}"); }

sac::Client client_with_one_retry(const Server& server)
{
    return sac::Client(server.url(), sac::Retries(1),
                       sac::Backoff(milliseconds(0), milliseconds(0)));
}

// Writes `a`, `b`, `c` and so on, one at a time.
sac::BodyStream::Write alphabet(int& calls)
{
    return [&calls](char* buffer, std::size_t) {
        *buffer = static_cast<char>('a' + calls++);
        return std::size_t(1);
    };
}

std::string sent_body(const Server& server, std::size_t index)
{
    const std::string request = server.requests().at(index);
    return request.substr(request.find("\r\n\r\n") + 4);
}

}  // namespace

TEST_CASE("a body is written by a function while it is sent")
{
    Server server({Server::ok("{}")});
    int calls = 0;
    CHECK(sac::Client(server.url()).put("/", sac::BodyStream("text/plain", 4, alphabet(calls))));
    CHECK(sent_body(server, 0) == "abcd");
    CHECK(contains(server.requests().at(0), "\r\ncontent-type: text/plain\r\n"));
    CHECK(calls == 4);
}

TEST_CASE("a body of unknown length is sent in chunks")
{
    Server server({Server::ok("{}")});
    std::istringstream source("four words in all");
    CHECK(sac::Client(server.url()).put("/", sac::BodyStream("text/plain", source)));
    CHECK(contains(server.requests().at(0), "\r\ntransfer-encoding: chunked\r\n"));
    CHECK(sent_body(server, 0) == "11\r\nfour words in all\r\n0\r\n\r\n");
}

TEST_CASE("a function that can begin again writes the body of each attempt")
{
    Server server({unavailable(), Server::ok("{}")});
    int calls = 0;
    const auto rewind = [&] {
        calls = 0;
        return true;
    };
    CHECK(client_with_one_retry(server).put(
        "/", sac::BodyStream("text/plain", 2, alphabet(calls), rewind)));
    REQUIRE(server.requests().size() == 2);
    CHECK(sent_body(server, 0) == "ab");
    CHECK(sent_body(server, 1) == "ab");
}

TEST_CASE("a function that cannot begin again writes the body of one attempt")
{
    Server server({unavailable(), Server::ok("{}")});
    const sac::Client client = client_with_one_retry(server);
    int calls = 0;
    const auto once = client.put("/", sac::BodyStream("text/plain", 2, alphabet(calls)));
    CHECK(once.status() == 503);
    CHECK(once.attempts() == 1);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("a body replaces an earlier one, with what makes that begin again")
{
    Server server({unavailable(), Server::ok("{}")});
    int calls = 0, rewinds = 0;
    const auto rewind = [&] { return ++rewinds > 0; };
    sac::Request request("PUT", "/", sac::BodyStream("a/b", 2, alphabet(calls), rewind));
    request.set(sac::BodyStream("a/b", 2, alphabet(calls)));
    CHECK(client_with_one_retry(server).send(request).status() == 503);
    CHECK(server.requests().size() == 1);
    CHECK(rewinds == 0);
}

TEST_CASE("a stream is sent from its position on, in each attempt")
{
    Server server({unavailable(), Server::ok("{}")});
    std::istringstream source("skip, then this");
    source.seekg(6);
    CHECK(client_with_one_retry(server).put("/", sac::BodyStream("text/plain", source, 9)));
    REQUIRE(server.requests().size() == 2);
    CHECK(sent_body(server, 0) == "then this");
    CHECK(sent_body(server, 1) == "then this");
}

TEST_CASE("a stream that throws at its end is sent completely")
{
    Server server({Server::ok("{}")});
    std::istringstream source("all of it");
    source.exceptions(std::ios::failbit | std::ios::badbit | std::ios::eofbit);
    CHECK(sac::Client(server.url()).put("/", sac::BodyStream("text/plain", source)));
    CHECK(sent_body(server, 0) == "9\r\nall of it\r\n0\r\n\r\n");
}

TEST_CASE("a stream that was read to its end is an empty body")
{
    Server server({Server::ok("{}")});
    std::istringstream source("word");
    std::string word;
    source >> word;
    REQUIRE(source.eof());
    CHECK(sac::Client(server.url()).put("/", sac::BodyStream("text/plain", source, 0)));
    CHECK(sent_body(server, 0).empty());
    CHECK_FALSE(source.fail());
}

TEST_CASE("a file that could not be opened is not sent as an empty body")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    const TestFile none;
    std::ifstream source(none.path());
    CHECK_THROWS_AS((void)client.put("/", sac::BodyStream("text/plain", source)),
                    std::ios_base::failure);
    std::istream nowhere(nullptr);
    CHECK_THROWS_AS((void)client.put("/", sac::BodyStream("text/plain", nowhere)),
                    std::ios_base::failure);
    CHECK(server.requests().empty());
}

TEST_CASE("an exception from a body function is thrown again")
{
    Server server({unavailable()});
    const sac::Client client = client_with_one_retry(server);
    const auto fail = [](char*, std::size_t) -> std::size_t { throw std::runtime_error("no"); };
    const sac::Request request("PUT", "/", sac::BodyStream("a/b", 4, fail));
    CHECK_THROWS_AS((void)client.send(request), std::runtime_error);
    CHECK_THROWS_AS((void)client.stream(request), std::runtime_error);
    CHECK(server.requests().empty());

    int calls = 0;
    const auto stuck = []() -> bool { throw std::logic_error("no way back"); };
    CHECK_THROWS_AS((void)client.put("/", sac::BodyStream("a/b", 1, alphabet(calls), stuck)),
                    std::logic_error);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("a wrong body function gives an error")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    const auto put = [&](std::int64_t length, sac::BodyStream::Write write) {
        return client.put("/", sac::BodyStream("a/b", length, std::move(write))).code();
    };
    CHECK(put(4, nullptr) == sac::Code::null_argument);
    CHECK(put(4, [](char*, std::size_t) { return std::size_t(0); }) == sac::Code::invalid_argument);
    CHECK(put(4, [](char*, std::size_t size) { return size + 1; }) == sac::Code::invalid_argument);
    CHECK(put(-2, [](char*, std::size_t size) { return size; }) == sac::Code::invalid_argument);
    CHECK(server.requests().empty());
}

TEST_CASE("a body function moves with its request, and ends with it")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    int calls = 0;
    sac::Request request("PUT", "/", sac::BodyStream("a/b", 2, alphabet(calls)));
    sac::Request moved = std::move(request);
    CHECK(client.send(moved));
    CHECK(calls == 2);
    const sac::Request taken(moved.release());
    CHECK(client.send(taken));
    CHECK(calls == 2);
    const std::string sent = server.requests().at(1);
    CHECK(sent.find("chunked") == std::string::npos);
    CHECK(sent.substr(sent.size() - 4) == "\r\n\r\n");
}
