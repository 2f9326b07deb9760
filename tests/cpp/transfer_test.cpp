#include "file.hpp"
#include "support.hpp"

#include <functional>
#include <stdexcept>
#include <vector>

namespace {

struct Full : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace

TEST_CASE("a callback receives the body piece by piece")
{
    const std::string content(300000, 'x');
    Server server({Server::reply("200 OK", content)});
    std::string received;
    const auto response = sac::Client(server.url()).get("/", sac::OnData([&](sac::Bytes bytes) {
                                                            received += bytes.str();
                                                            return true;
                                                        }));
    CHECK(response.ok());
    CHECK(received == content);
    CHECK(response.body().empty());
    CHECK(response.json() == "{}");
}

TEST_CASE("the body of an error is in the response, not in the callback")
{
    Server server({Server::reply("404 Not Found", "{\"error\": \"gone\"}")});
    int pieces = 0;
    const auto response = sac::Client(server.url()).get("/", sac::OnData([&](sac::Bytes) {
                                                            ++pieces;
                                                            return true;
                                                        }));
    CHECK(response.error().message() == std::string("gone"));
    CHECK(pieces == 0);
}

TEST_CASE("a callback ends the transfer with false or an exception")
{
    Server server({Server::reply("200 OK", "bytes")});
    const sac::Client client(server.url());
    CHECK(client.get("/", sac::OnData([](sac::Bytes) { return false; })).code() ==
          sac::Code::cancelled);
    CHECK(client.get("/", sac::OnProgress([](const sac::Progress&) { return false; })).code() ==
          sac::Code::cancelled);
    CHECK_THROWS_AS(
        (void)client.get("/", sac::OnData([](sac::Bytes) -> bool { throw Full("disk"); })), Full);
    CHECK_THROWS_AS((void)client.get("/", sac::OnProgress([](const sac::Progress&) -> bool {
                                         throw Full("disk");
                                     })),
                    Full);
}

TEST_CASE("progress is reported for both directions")
{
    Server server({Server::reply("200 OK", "[1, 2]")});
    sac::Progress last = {};
    CHECK(sac::Client(server.url())
              .put("/", sac::Json("[1]"), sac::OnProgress([&](const sac::Progress& progress) {
                       last = progress;
                       return true;
                   })));
    CHECK(last.sent == 3);
    CHECK(last.to_send == 3);
    CHECK(last.received == 6);
    CHECK(last.to_receive == 6);
}

TEST_CASE("the events of a call are reported while they happen")
{
    Server server({Server::ok("[1]")});
    const sac::Client client(server.url());
    std::string names;
    const sac::OnTrace trace([&](sac::View event) {
        names += sac::json_parse(event.str()).get<std::string>("/event", "?") + " ";
    });
    CHECK(client.get("/", trace).tls().empty());
    CHECK(names == "connection_wanted connect_started connect_done connection_ready head_sent "
                   "request_sent first_byte ");
    names.clear();
    sac::Request request("GET", "/", trace);
    CHECK(client.send(request));
    CHECK(names == "connection_wanted connection_ready head_sent request_sent first_byte ");
    names.clear();
    CHECK(client.send(request.set(sac::OnTrace(nullptr))));
    CHECK(names.empty());
    CHECK_THROWS_AS(
        (void)client.get("/", sac::OnTrace([](sac::View) { throw Full("of the trace"); })), Full);
}

TEST_CASE("callbacks move with a request, and end with it")
{
    Server server({Server::reply("200 OK", "[1]")});
    const sac::Client client(server.url());
    int pieces = 0;
    sac::Request request("GET", "/", sac::OnData([&](sac::Bytes) { return ++pieces > 0; }));
    sac::Request moved = std::move(request);
    CHECK(client.send(moved));
    CHECK(pieces == 1);
    moved.set(sac::OnData(nullptr), sac::OnProgress(nullptr));
    CHECK(client.send(moved).body() == "[1]");
    moved.set(sac::OnData([&](sac::Bytes) { return ++pieces > 0; }));
    const sac::Request taken(moved.release());
    CHECK(client.send(taken).body() == "[1]");
    CHECK(pieces == 1);
}

TEST_CASE("an output file appears complete or not at all")
{
    Server server({Server::reply("200 OK", "content"), Server::reply("500 Oops", "")});
    const sac::Client client(server.url());
    const TestFile file, none;
    CHECK(client.get("/", sac::OutputFile(file.path())));
    CHECK(file.read() == "content");
    CHECK_FALSE(client.get("/", sac::OutputFile(none.path())));
    CHECK_FALSE(none.exists());
    CHECK(client.get("/", sac::OutputFile("/nonexistent/file")).code() != sac::Code::ok);
}

TEST_CASE("a body can be read from a file")
{
    Server server({Server::ok("{}")});
    const TestFile file;
    file.write("content");
    const sac::Client client(server.url());
    CHECK(client.put("/", sac::BodyFile("text/plain", file.path())));
    CHECK(contains(server.requests().at(0), "\r\ncontent-type: text/plain\r\n"));
    CHECK(contains(server.requests().at(0), "\r\n\r\ncontent"));
    CHECK(client.put("/", sac::BodyFile("text/plain", "/nonexistent")).code() == sac::Code::file);
}

TEST_CASE("a form can have each kind of part")
{
    Server server({Server::ok("{}")});
    const TestFile file;
    file.write("from disk");
    CHECK(sac::Client(server.url())
              .post("/", sac::Part("note", "see there"), sac::Part("a", "1", "a.txt"),
                    sac::Part("b", std::string("2\0", 2), "b.txt", "text/plain"),
                    sac::PartFile("c", file.path()), sac::PartFile("d", file.path(), "image/png")));
    const std::string request = server.requests().at(0);
    CHECK(contains(request, "\r\ncontent-type: multipart/form-data; boundary="));
    CHECK(contains(request, "name=\"note\"\r\n\r\nsee there\r\n"));
    CHECK(contains(request,
                   "name=\"a\"; filename=\"a.txt\"\r\n"
                   "Content-Type: application/octet-stream\r\n\r\n1\r\n"));
    CHECK(contains(request, "filename=\"b.txt\"\r\nContent-Type: text/plain\r\n\r\n" +
                           std::string("2\0\r\n", 4)));
    CHECK(contains(request,
                   "name=\"c\"; filename=\"file.bin\"\r\n"
                   "Content-Type: application/octet-stream\r\n\r\nfrom disk\r\n"));
    CHECK(contains(request, "name=\"d\"; filename=\"file.bin\"\r\nContent-Type: image/png\r\n"));
}

TEST_CASE("send_all returns a response for each request, in order")
{
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    std::vector<sac::Request> requests;
    requests.emplace_back("GET", "/a");
    requests.emplace_back("GET", "bad");
    requests.emplace_back("DELETE", "/b", sac::Header{"a b", "c"});
    requests.emplace_back("PUT", "/c", sac::Json("1"));
    const std::vector<sac::Response> responses = client.send_all(requests, 2);
    REQUIRE(responses.size() == 4);
    CHECK(responses[0].ok());
    CHECK(responses[1].code() == sac::Code::invalid_path);
    CHECK(responses[2].code() == sac::Code::invalid_header);
    CHECK(responses[3].ok());
    CHECK(server.requests().size() == 2);
    CHECK(client.send_all(std::vector<sac::Request>()).empty());
    for (const sac::Response& response : client.send_all(requests, 0))
        CHECK_FALSE(response);
    for (const sac::Response& response : sac::Client("ftp://a").send_all(requests, 2))
        CHECK(response.code() == sac::Code::invalid_url);
}

TEST_CASE("send_all can send the same request more than once")
{
    Server server({Server::ok("[7]")});
    const sac::Request request("GET", "/");
    const std::vector<std::reference_wrapper<const sac::Request>> requests(9, std::cref(request));
    int sum = 0;
    for (sac::Response& response : sac::Client(server.url()).send_all(requests, 3))
        sum += response.or_throw().get<int>("/0").or_throw();
    CHECK(sum == 63);
}

TEST_CASE("an exception in send_all is not thrown again and affects no other call")
{
    Server server({Server::reply("200 OK", "bytes")});
    const sac::Client client(server.url());
    const sac::Request request("GET", "/",
                               sac::OnData([](sac::Bytes) -> bool { throw Full("disk"); }));
    const std::vector<std::reference_wrapper<const sac::Request>> requests(4, std::cref(request));
    const auto responses = client.send_all(requests, 2);
    for (const sac::Response& response : responses)
        CHECK(response.code() == sac::Code::cancelled);
    CHECK_NOTHROW((void)client.get("/"));
}
