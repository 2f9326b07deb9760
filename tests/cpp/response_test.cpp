#include "support.hpp"

#include <map>
#include <type_traits>

static_assert(!std::is_copy_constructible<sac::Response>::value, "a response has one owner");
static_assert(std::is_nothrow_move_constructible<sac::Response>::value, "a response moves");
static_assert(sizeof(sac::detail::ResponseHandle) == sizeof(void*), "a handle is one pointer");

TEST_CASE("a response has all its members")
{
    Server server({Server::reply("201 Created", "{\"id\": 7}", "Location: /v1/items/7\r\n")});
    const auto response = sac::Client(server.url()).post("/v1/items", sac::Json("{}"));
    CHECK(response.ok());
    CHECK(response.code() == sac::Code::ok);
    CHECK_FALSE(response.error());
    CHECK(response.status() == 201);
    CHECK(response.json() == "{\"id\": 7}");
    CHECK(response.json_state() == sac::JsonState::exact);
    CHECK(response.body().str() == "{\"id\": 7}");
    CHECK(response.attempts() == 1);
    CHECK(response.elapsed().count() > 0);
    CHECK(response.type("/id") == sac::JsonType::number);
    CHECK(response.journal().str().find("\"status\":201") != std::string::npos);
    CHECK(response.c_api()->status == 201);
}

TEST_CASE("header fields are found in upper and lower case, and by iteration")
{
    Server server({Server::reply("200 OK", "{}", "X-Twice: a\r\nx-twice: b\r\nX-Empty:\r\n")});
    const auto response = sac::Client(server.url()).get("/");
    CHECK(response.header("x-TWICE") == "a");
    CHECK(response.headers()["X-Twice"] == "a");
    CHECK(response.header("X-Empty"));
    CHECK(response.header("X-Empty") == "");
    CHECK_FALSE(response.header("X-None"));
    std::multimap<std::string, std::string> all;
    for (const sac::HeaderField field : response.headers())
        all.emplace(field.name, field.value);
    CHECK(all.size() == response.headers().size());
    CHECK(all.count("x-twice") == 2);
    CHECK(all.find("content-length")->second == "2");
}

TEST_CASE("values of a temporary response outlive it")
{
    Server server(
        {Server::reply("200 OK", "{\"a\": \"b\"}", "X-A: c\r\nLink: </n>; rel=next\r\n")});
    const sac::Client client(server.url());
    const auto json = client.get("/").json();
    const auto body = client.get("/").body();
    const auto header = client.get("/").header("x-a");
    const auto link = client.get("/").link("next");
    const auto reason = client.get("/").reason();
    const auto text = client.get("/").text("/a");
    const auto string = client.get("/").string("/a");
    const auto journal = client.get("/").journal();
    static_assert(std::is_same<decltype(json), const std::string>::value, "its own");
    static_assert(std::is_same<decltype(header), const std::string>::value, "its own");
    CHECK(json == "{\"a\": \"b\"}");
    CHECK(body == json);
    CHECK(header == "c");
    CHECK(link == server.url() + "/n");
    CHECK(reason == "OK");
    CHECK(text == "\"b\"");
    CHECK(string == "b");
    CHECK(journal.front() == '[');
    CHECK(client.get("/").get<std::string>("/a").or_throw() == "b");
}

TEST_CASE("a refused call returns a response like any failed call")
{
    const auto response = sac::Client(unused_url()).get("/", sac::Header{"a b", "c"});
    CHECK_FALSE(response);
    CHECK(response.code() == sac::Code::invalid_header);
    CHECK(response.status() == 0);
    CHECK(response.attempts() == 0);
    CHECK(response.elapsed().count() == 0);
    CHECK(response.json_state() == sac::JsonState::none);
    CHECK(response.headers().empty());
    CHECK_FALSE(response.link("next"));
    CHECK(response.reason() == "");
    CHECK(response.body().empty());
    CHECK(response.journal() == "[]");
    const std::string message = response.error().message();
    CHECK(response.json() == "{\"error\": \"" + message + "\"}");
    CHECK(response.type("") == sac::JsonType::object);
    CHECK(response.length("") == 1);
    CHECK(response.text("") == response.json());
    CHECK(response.type("/error") == sac::JsonType::string);
    CHECK(response.length("/error") == 0);
    CHECK(response.get<std::string>("/error").or_throw() == message);
    CHECK(response.text("/error") == '"' + message + '"');
    CHECK(response.type("/other") == sac::JsonType::missing);
    CHECK_FALSE(response.c_api());
}

TEST_CASE("the JSON of a refused call quotes the message")
{
    const auto response = sac::Response::refused(sac::Error(sac::Code::file, "no \"C:\\file\""));
    CHECK(response.json() == "{\"error\": \"no \\\"C:\\\\file\\\"\"}");
    CHECK(response.get<std::string>("/error").or_throw() == "no \"C:\\file\"");
}

TEST_CASE("a response can be passed to C and taken from it")
{
    sac::Response response = response_with("[1]");
    sac_response* raw = response.release();
    REQUIRE(raw);
    CHECK(response.code() == sac::Code::null_argument);
    const sac::Response again(raw);
    CHECK(again.json() == "[1]");
}

TEST_CASE("a response can be moved")
{
    sac::Response first = response_with("[1]");
    const sac::View json = first.json();
    sac::Response second = std::move(first);
    CHECK(second.json().data() == json.data());
    first = response_with("[2]");
    CHECK(first.json() == "[2]");
    second = std::move(first);
    CHECK(second.json() == "[2]");
}
