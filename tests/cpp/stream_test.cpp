#include "support.hpp"

#include <future>
#include <istream>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#if __cplusplus >= 202002L
#include <ranges>
#endif

static_assert(!std::is_copy_constructible<sac::Stream>::value, "a stream has one owner");
static_assert(std::is_nothrow_move_constructible<sac::Stream>::value, "a stream moves");
#if defined(__cpp_lib_ranges)
static_assert(std::input_iterator<sac::Stream::Iterator> && std::ranges::input_range<sac::Stream>);
#endif

namespace {

std::string lines(const std::string& body)
{
    return Server::reply("200 OK", body, "Content-Type: application/x-ndjson\r\n");
}

std::string events(const std::string& body)
{
    return Server::reply("200 OK", body, "Content-Type: text/event-stream\r\n");
}

// A reply whose connection ends before the promised length.
std::string cut(const std::string& body)
{
    return "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000\r\n"
           "Connection: close\r\n\r\n" +
           body;
}

// The same, but the connection stays open.
std::string unfinished(const std::string& body)
{
    return "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n" +
           body;
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
    std::vector<sac::JsonState> states;
    int sum = 0;
    for (const sac::Event& line : stream) {
        texts.push_back(line.data());
        codes.push_back(sac::name(line.json().code()));
        states.push_back(line.json().json_state());
        sum += line.json()["id"].get<int>(0);
        CHECK(line.type().empty());
    }
    CHECK(stream);
    CHECK(texts == std::vector<std::string>{"{\"id\":1}", "{\"id\":2,}", "oops", "[3]"});
    CHECK(codes == std::vector<std::string>{"SAC_OK", "SAC_OK", "SAC_ERR_NOT_JSON", "SAC_OK"});
    CHECK(states[0] == sac::JsonState::exact);
    CHECK(states[1] == sac::JsonState::repaired);
    CHECK(sum == 3);
    CHECK_FALSE(stream.next());
    CHECK(stream.begin() == stream.end());
}

TEST_CASE("events have a type, an ID and data, and continue after their last one")
{
    Server server({events("id: 7\nevent: word\ndata: {\"a\": [1]}\n\ndata: [DONE]\n\n"),
                   Server::reply("204 No Content", "")});
    const sac::Client client(server.url(), sac::Backoff(std::chrono::milliseconds(1),
                                                        std::chrono::milliseconds(1)));
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

TEST_CASE("a raw stream has the body of an error, as it was sent")
{
    Server server({Server::reply("404 Not Found", "gone", "Content-Encoding: gzip\r\n")});
    sac::Stream stream = sac::Client(server.url()).stream("/", sac::Raw());
    CHECK(stream.head().status() == 404);
    char buffer[9] = "";
    CHECK(stream.read(buffer, 8).or_throw() == 4);
    CHECK(buffer == std::string("gone"));
}

TEST_CASE("the elements of a long array are records")
{
    std::string body = "[1, {\"b\": 2}, \"c\"";
    long long expected = 0;
    for (int i = 0; i < 20000; ++i) {
        body += ", {\"number\": " + std::to_string(i) + "}";
        expected += i;
    }
    Server server({Server::ok(body + "]")});
    sac::Stream stream = sac::Client(server.url()).stream("/");
    CHECK(stream.next().data() == "1");
    CHECK(stream.next().data() == "{\"b\": 2}");
    CHECK(stream.next().json().get<std::string>().or_throw() == "c");
    long long sum = 0;
    int count = 0;
    for (const sac::Event& element : stream) {
        sum += element.json()["number"].get<int>(-1);
        ++count;
    }
    CHECK(stream.ok());
    CHECK(count == 20000);
    CHECK(sum == expected);
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

TEST_CASE("a cut body gives its complete records, and then an error")
{
    Server server({cut("{\"id\":1}\n{\"id\":2}\n{\"id\":")});
    sac::Stream stream = sac::Client(server.url()).stream("/");
    std::vector<int> ids;
    for (const sac::Event& line : stream)
        ids.push_back(line.json()["id"].get<int>(0));
    CHECK(ids == std::vector<int>{1, 2});
    CHECK(stream.code() == sac::Code::closed);
    CHECK(stream.error().code() == sac::Code::closed);
    CHECK(stream.head().ok());
    CHECK_FALSE(stream.next());
    try {
        stream.or_throw();
        FAIL("the stream has no error");
    } catch (const sac::NetworkError& error) {
        CHECK(error.code() == sac::Code::closed);
        REQUIRE(error.response());
        CHECK(error.response()->header("content-type") == "application/x-ndjson");
    }
}

TEST_CASE("a cut body makes an istream bad, not complete")
{
    Server server({cut("first line\nsec")});
    const sac::Client client(server.url());
    sac::Stream stream = client.stream("/");
    sac::StreamBuffer source(stream);
    std::istream in(&source);
    std::string line, lines_read;
    while (std::getline(in, line))
        lines_read += line + ";";
    CHECK(lines_read == "first line;");
    CHECK(in.bad());
    CHECK_FALSE(in.eof());
    CHECK(stream.code() == sac::Code::closed);

    sac::Stream again = client.stream("/");
    sac::StreamBuffer strict_source(again);
    std::istream strict(&strict_source);
    strict.exceptions(std::ios::badbit);
    CHECK(std::getline(strict, line));
    CHECK_THROWS_AS(std::getline(strict, line), sac::NetworkError);
}

TEST_CASE("an error answer is complete in the head, and thrown with it")
{
    Server server({Server::reply("404 Not Found", "{\"error\":\"no such list\"}")});
    sac::Stream missing = sac::Client(server.url()).stream("/");
    CHECK(missing.code() == sac::Code::status);
    CHECK(missing.error().message() == std::string("no such list"));
    CHECK(missing.head().status() == 404);
    CHECK(missing.head()["error"].string() == "no such list");
    CHECK(contains(missing.head().journal(), "\"status\":404"));
    CHECK_FALSE(missing.next());
    char byte;
    CHECK(missing.read(&byte, 1).error().code() == sac::Code::status);
    std::unique_ptr<sac::StatusError> kept;
    try {
        missing.or_throw();
        FAIL("the stream has no error");
    } catch (const sac::StatusError& error) {
        kept.reset(new sac::StatusError(error));
    }
    CHECK(missing.code() == sac::Code::null_argument);
    REQUIRE(kept->response());
    CHECK(kept->response()->status() == 404);
    CHECK(kept->response()->string("/error") == "no such list");
}

TEST_CASE("a refused stream has its error, and so has its head")
{
    const sac::Client client("ftp://example.com");
    sac::Stream none = client.stream("/");
    char byte;
    CHECK(none.code() == sac::Code::invalid_url);
    CHECK(none.head().code() == sac::Code::invalid_url);
    CHECK(none.c_api() == nullptr);
    CHECK(none.release() == nullptr);
    CHECK_FALSE(none.next());
    CHECK(none.read(&byte, 1).error().code() == sac::Code::invalid_url);
    const sac::Client valid(unused_url());
    CHECK(valid.stream("no slash").code() == sac::Code::invalid_path);
    CHECK(valid.stream("/", sac::LastEventId("a\nb")).code() == sac::Code::invalid_header);
    CHECK(valid.stream("/", sac::Records(static_cast<sac::RecordKind>(99))).code() ==
          sac::Code::invalid_argument);
    CHECK(valid.stream("/", sac::OnData([](sac::Bytes) { return true; })).code() ==
          sac::Code::invalid_argument);
    try {
        none.or_throw();
        FAIL("the stream has no error");
    } catch (const sac::InputError& error) {
        REQUIRE(error.response());
        CHECK(error.response()->code() == sac::Code::invalid_url);
    }
}

TEST_CASE("a stream moves with its record, and leaves an error behind")
{
    Server server({lines("{\"id\":1}\n{\"id\":2}\n")});
    sac::Stream stream = sac::Client(server.url()).stream("/");
    const sac::Event event = stream.next();
    sac::Stream moved = std::move(stream);
    CHECK(event.json()["id"].get<int>(0) == 1);
    CHECK(moved.next().json()["id"].get<int>(0) == 2);
    char byte;
    CHECK(stream.code() == sac::Code::null_argument);
    CHECK(stream.error().code() == sac::Code::null_argument);
    CHECK(stream.head().code() == sac::Code::null_argument);
    CHECK(stream.read(&byte, 1).error().code() == sac::Code::null_argument);
    CHECK(stream.release() == nullptr);
    CHECK_FALSE(stream.next());
    CHECK(stream.begin() == stream.end());
    CHECK_THROWS_AS(stream.or_throw(), sac::InputError);
    sac::Stream nothing(static_cast<sac_stream*>(nullptr));
    CHECK(nothing.error().code() == sac::Code::null_argument);
}

TEST_CASE("a temporary stream is checked, and then read")
{
    Server server({lines("1\n2\n"), Server::reply("404 Not Found", "{}")});
    const sac::Client client(server.url());
    std::string all;
    for (const sac::Event& line : client.stream("/").or_throw())
        all += line.data().str() + ";";
    CHECK(all == "1;2;");
    CHECK_THROWS_AS((void)client.stream("/").or_throw(), sac::StatusError);
}

TEST_CASE("an iterator equals itself, and not the end, before the end")
{
    Server server({lines("1\n2\n")});
    sac::Stream stream = sac::Client(server.url()).stream("/");
    sac::Stream::Iterator line = stream.begin();
    const sac::Stream::Iterator copy = line;
    CHECK(copy == line);
    CHECK(line != stream.end());
    CHECK(line->data() == "1");
    CHECK((*++line).data() == "2");
    line++;
    CHECK(line == stream.end());
}

TEST_CASE("a stream that is read by records cannot also be read as bytes")
{
    Server server({lines("1\n2\n")});
    sac::Stream stream = sac::Client(server.url()).stream("/");
    CHECK(stream.next().data() == "1");
    char byte;
    CHECK(stream.read(&byte, 1).error().code() == sac::Code::invalid_argument);
    CHECK(stream.ok());
    CHECK(stream.next().data() == "2");
}

TEST_CASE("a stream can be passed to C and taken from it")
{
    Server server({lines("1\n2\n")});
    sac::Stream stream = sac::Client(server.url()).stream("/");
    CHECK(stream.next().data() == "1");
    sac_stream* raw = stream.release();
    REQUIRE(raw);
    CHECK(stream.code() == sac::Code::null_argument);
    sac::Stream taken(raw);
    CHECK(taken.c_api() == raw);
    CHECK(taken.head().status() == 200);
    CHECK(taken.next().data() == "2");
}

TEST_CASE("a stream that may call functions is not given up")
{
    Server server({lines("1\n")});
    const auto progress = sac::OnProgress([](const sac::Progress&) { return true; });
    sac::Stream stream = sac::Client(server.url()).stream("/", progress);
    CHECK(stream.release() == nullptr);
    const sac::Client logging(server.url(), sac::OnLog([](sac::LogLevel, sac::View) {}));
    CHECK(logging.stream("/").release() == nullptr);
    CHECK(stream.next().data() == "1");
}

TEST_CASE("a cancel ends a read that waits")
{
    Server server({unfinished("1\n")});
    const sac::Cancel cancel;
    sac::Stream stream = sac::Client(server.url()).stream("/", cancel);
    CHECK(stream.next().data() == "1");
    auto read = std::async(std::launch::async, [&] { return static_cast<bool>(stream.next()); });
    cancel.trigger();
    CHECK_FALSE(read.get());
    CHECK(stream.code() == sac::Code::cancelled);
    CHECK_THROWS_AS(stream.or_throw(), sac::CancelledError);
}

#if defined(SAC_HPP_STOP_TOKEN)

TEST_CASE("a stop token ends a stream whose request is gone")
{
    Server server({unfinished("1\n")});
    std::stop_source source;
    sac::Stream stream = sac::Client(server.url()).stream("/", source.get_token());
    CHECK(stream.next().data() == "1");
    source.request_stop();
    CHECK_FALSE(stream.next());
    CHECK(stream.code() == sac::Code::cancelled);
}

#endif

TEST_CASE("an exception from a function ends the stream, and reaches the reader")
{
    Server server({unfinished("1\n2\n")});
    const sac::Client client(server.url());
    const sac::OnProgress fail([](const sac::Progress& progress) -> bool {
        if (progress.received > 0)
            throw std::runtime_error("full");
        return true;
    });
    sac::Stream records = client.stream("/", fail);
    CHECK_THROWS_AS((void)records.next(), std::runtime_error);
    CHECK(records.code() == sac::Code::cancelled);
    sac::Stream bytes = client.stream("/", fail);
    char byte;
    CHECK_THROWS_AS((void)bytes.read(&byte, 1), std::runtime_error);
    CHECK(bytes.code() == sac::Code::cancelled);
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
