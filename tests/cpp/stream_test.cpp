#include "support.hpp"

#include <istream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::string lines(const std::string& body)
{
    return Server::reply("200 OK", body, "Content-Type: application/x-ndjson\r\n");
}

std::string events(const std::string& body)
{
    return Server::reply("200 OK", body, "Content-Type: text/event-stream\r\n");
}

}  // namespace

TEST_CASE("records are read with a loop")
{
    Server server({lines("{\"id\":1}\n{\"id\":2,}\noops\n[3]\n")});
    const sac::Client client(server.url());
    sac::Stream stream = client.stream("/v1/export");
    CHECK(stream.head().status() == 200);
    CHECK(stream.head().header("content-type") == "application/x-ndjson");
    std::vector<std::string> texts, codes;
    int sum = 0;
    for (const sac::Event& line : stream) {
        texts.push_back(line.data());
        codes.push_back(sac::name(line.json().code()));
        sum += line.json()["id"].get<int>(0);
        CHECK(line.type().empty());
    }
    CHECK(stream);
    CHECK(texts == std::vector<std::string>{"{\"id\":1}", "{\"id\":2,}", "oops", "[3]"});
    CHECK(codes == std::vector<std::string>{"SAC_OK", "SAC_OK", "SAC_ERR_NOT_JSON", "SAC_OK"});
    CHECK(sum == 3);
    CHECK_FALSE(stream.next());
    CHECK(stream.begin() == stream.end());
}

TEST_CASE("events have a type, an ID and data, and continue after their last one")
{
    Server server({events("id: 7\nevent: word\ndata: {\"a\": [1]}\n\ndata: [DONE]\n\n"),
                   Server::reply("204 No Content", "")});
    const sac::Client client(server.url(), sac::Backoff(std::chrono::milliseconds(1), std::chrono::milliseconds(1)));
    sac::Stream stream = client.stream("/", sac::Records(sac::RecordKind::events),
                                       sac::LastEventId("6"), sac::Retries(1));
    sac::Event event = stream.next();
    REQUIRE(event);
    CHECK(event.type() == "word");
    CHECK(event.id() == "7");
    CHECK(event.json()["a"][0].get<int>(0) == 1);
    event = stream.next();
    CHECK(event.type() == "message");
    CHECK(event.data() == "[DONE]");
    CHECK_FALSE(stream.next());
    CHECK(stream.ok());
    CHECK(contains(server.requests().at(0), "\r\nlast-event-id: 6\r\n"));
    CHECK(contains(server.requests().at(0), "\r\naccept: text/event-stream\r\n"));
    CHECK(contains(server.requests().at(1), "\r\nlast-event-id: 7\r\n"));
}

TEST_CASE("the elements of an array are records")
{
    Server server({Server::ok("[1, {\"b\": 2}, \"c\"]")});
    sac::Stream stream = sac::Client(server.url()).stream("/");
    std::string all;
    for (const sac::Event& element : stream)
        all += element.data().str() + ";";
    CHECK(all == "1;{\"b\": 2};\"c\";");
}

TEST_CASE("bytes are read directly or through an istream")
{
    Server server({lines("first line\nsecond\n")});
    const sac::Client client(server.url());
    sac::Stream stream = client.stream("/");
    char buffer[64];
    std::string body;
    for (std::size_t read = 1; read > 0;) {
        read = stream.read(buffer, sizeof buffer).or_throw();
        body.append(buffer, read);
    }
    CHECK(body == "first line\nsecond\n");

    sac::Stream again = client.stream("/");
    sac::StreamBuffer source(again);
    std::istream in(&source);
    std::string line, lines_read;
    while (std::getline(in, line))
        lines_read += line + ";";
    CHECK(lines_read == "first line;second;");
    CHECK(again.ok());
}

TEST_CASE("the error of a stream is that of its head or of its body")
{
    Server server({Server::reply("404 Not Found", "{\"error\":\"no such list\"}"),
                   "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n[1,"});
    const sac::Client client(server.url());
    sac::Stream missing = client.stream("/");
    CHECK(missing.code() == sac::Code::status);
    CHECK(missing.head().status() == 404);
    CHECK(missing.head()["error"].string() == "no such list");
    CHECK_FALSE(missing.next());
    CHECK_THROWS_AS(missing.or_throw(), sac::Exception);
    char byte;
    CHECK(missing.read(&byte, 1).error().code() == sac::Code::status);

    sac::Client refused("ftp://example.com");
    sac::Stream none = refused.stream("/");
    CHECK(none.code() == sac::Code::invalid_url);
    CHECK(none.head().code() == sac::Code::invalid_url);
    CHECK_FALSE(none.next());
    CHECK_FALSE(none.read(&byte, 1));
    sac::Stream moved = std::move(none);
    CHECK(moved.code() == sac::Code::invalid_url);
    CHECK(none.code() == sac::Code::null_argument);
    CHECK(none.head().code() == sac::Code::null_argument);
    CHECK_FALSE(none.next());
}

TEST_CASE("a default event has nothing")
{
    const sac::Event event;
    CHECK_FALSE(event);
    CHECK(event.data().empty());
    CHECK_FALSE(event.json());
    CHECK(event.c_api() == nullptr);
}

TEST_CASE("a stream outlives its client and its request")
{
    Server server({lines("1\n2\n")});
    sac::Stream stream = [&] {
        const sac::Client client(server.url(), sac::OnLog([](sac::LogLevel, sac::View) {}));
        return client.stream(sac::Request("GET", "/"));
    }();
    CHECK(stream.next().data() == "1");
    CHECK(stream.next().data() == "2");
    CHECK_FALSE(stream.next());
}
