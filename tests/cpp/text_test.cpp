#include "support.hpp"

#include <sstream>

#if __cplusplus >= 202002L
#include <span>
#endif

TEST_CASE("an absent string reads as an empty one but is not the same")
{
    const sac::View absent, empty("");
    CHECK_FALSE(absent);
    CHECK(empty);
    CHECK(absent.str().empty());
    CHECK(absent.c_str() == std::string());
    CHECK(absent == empty);
    CHECK(absent.begin() == absent.end());
}

TEST_CASE("a view compares and copies the NULs inside it")
{
    const std::string text("a\0b", 3);
    const sac::View view(text.c_str(), text.size());
    CHECK(view == text);
    CHECK(text == view);
    CHECK(view != "a");
    CHECK("a" != view);
    const std::string copy = view;
    CHECK(copy == text);
    std::ostringstream out;
    out << view;
    CHECK(out.str() == text);
}

TEST_CASE("a string with a NUL is refused instead of truncated")
{
    const sac::Client client(unused_url());
    const std::string path("/v1/echo\0?admin", 15);
    CHECK(client.get(path).code() == sac::Code::invalid_utf8);
    CHECK(client.get("/", sac::Header{"X-A", std::string("a\0b", 3)}).code() ==
          sac::Code::invalid_utf8);
    CHECK(client.post("/", sac::Json(std::string("{}\0{}", 5))).code() == sac::Code::invalid_utf8);
    CHECK(sac::Client(std::string("http://a\0.example", 17)).error().code() ==
          sac::Code::invalid_utf8);
}

TEST_CASE("NULL gives an error and is not dereferenced")
{
    const char* const null = nullptr;
    const sac::Client client(unused_url());
    CHECK(client.get(null).code() == sac::Code::null_argument);
    CHECK(sac::Client(null).error().code() == sac::Code::null_argument);
    CHECK(client.get("/", sac::Header{null, "a"}).code() != sac::Code::ok);
    const sac::Response response = client.get("/");
    CHECK_FALSE(response.header(null));
    CHECK_FALSE(response.get<int>(null));
    CHECK(response.type(null) == sac::JsonType::missing);
}

TEST_CASE("a body can be copied to a string and written")
{
    const sac::Response response = response_with("[17]");
    const std::string copy = response.body();
    std::ostringstream out;
    out << response.body() << sac::Bytes();
    CHECK(copy == "[17]");
    CHECK(out.str() == "[17]");
}

#if __cplusplus >= 201703L

TEST_CASE("every string parameter accepts a string_view")
{
    Server server({Server::ok("{\"name\": \"ada\"}")});
    // Views that are not NUL-terminated.
    const std::string_view all = "/v1/echo and more";
    const sac::Client client(std::string_view(server.url()), sac::Bearer(all.substr(9, 3)));
    const sac::Response response =
        client.get(all.substr(0, 8), sac::Header{all.substr(4, 4), all.substr(13, 4)});
    REQUIRE(response);
    const std::string request = server.requests().at(0);
    CHECK(request.find("GET /v1/echo HTTP/1.1\r\n") == 0);
    CHECK(request.find("\r\necho: more\r\n") != std::string::npos);
    CHECK(request.find("\r\nauthorization: Bearer and\r\n") != std::string::npos);
    CHECK(response.get<std::string>(std::string_view("/name")).or_throw() == "ada");
    const std::string_view type = response.header(std::string_view("Content-Type"));
    CHECK(type == "application/json");
}

#endif

#if __cplusplus >= 202002L

TEST_CASE("a body converts to a span")
{
    const sac::Response response = response_with("[17]");
    const std::span<const std::uint8_t> bytes = response.body();
    REQUIRE(bytes.size() == 4);
    CHECK(bytes[1] == '1');
}

#endif
