#include "support.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <list>
#include <map>
#include <vector>

using sac::JsonField;

namespace {

/// The body that a server receives for these options.
template <class... Options>
std::string sent(const Options&... options)
{
    Server server({Server::ok("{}")});
    const auto response = sac::Client(server.url()).post("/", options...);
    REQUIRE_MESSAGE(response, response.error().message());
    const std::string request = server.requests().at(0);
    REQUIRE(contains(request, "\r\ncontent-type: application/json\r\n"));
    return request.substr(request.find("\r\n\r\n") + 4);
}

template <class T>
sac::Code refusal(const T& value)
{
    return sac::Request("POST", "/", JsonField("/a", value)).error().code();
}

struct Size {
    int width;
};

}  // namespace

namespace sac {

template <>
struct JsonWriter<Size> {
    static std::string write(const Size& size)
    {
        return "{\"width\": " + std::to_string(size.width) + "}";
    }
};

}  // namespace sac

TEST_CASE("values of each type are written")
{
    const std::string text = "a \"b\"\n\\";
    CHECK(sent(JsonField("/a", text)) == "{\"a\":\"a \\\"b\\\"\\n\\\\\"}");
    CHECK(sent(JsonField("/a", "\xc3\xa9")) == "{\"a\":\"\xc3\xa9\"}");
    CHECK(sent(JsonField("/a", std::string("x\0\"y", 4))) == "{\"a\":\"x\\u0000\\\"y\"}");
    CHECK(sent(JsonField("/a", sac::View("v"))) == "{\"a\":\"v\"}");
    CHECK(sent(JsonField("/a", "")) == "{\"a\":\"\"}");
    CHECK(sent(JsonField("/a", -7)) == "{\"a\":-7}");
    CHECK(sent(JsonField("/a", static_cast<signed char>(-7))) == "{\"a\":-7}");
    CHECK(sent(JsonField("/a", std::numeric_limits<std::int64_t>::min())) ==
          "{\"a\":-9223372036854775808}");
    CHECK(sent(JsonField("/a", std::numeric_limits<std::uint64_t>::max())) ==
          "{\"a\":18446744073709551615}");
    CHECK(sent(JsonField("/a", 0.1)) == "{\"a\":0.1}");
    CHECK(sent(JsonField("/a", 2.5F)) == "{\"a\":2.5}");
    CHECK(sent(JsonField("/a", true)) == "{\"a\":true}");
    CHECK(sent(JsonField("/a", nullptr)) == "{\"a\":null}");
    CHECK(sent(JsonField("", "whole")) == "\"whole\"");
}

TEST_CASE("ranges become arrays, and maps become objects")
{
    CHECK(sent(JsonField("/a", std::vector<int>{1, 2})) == "{\"a\":[1,2]}");
    CHECK(sent(JsonField("/a", std::vector<int>())) == "{\"a\":[]}");
    CHECK(sent(JsonField("/a", std::vector<bool>{true, false})) == "{\"a\":[true,false]}");
    CHECK(sent(JsonField("/a", std::list<std::string>{"x", "y"})) == "{\"a\":[\"x\",\"y\"]}");
    CHECK(sent(JsonField("/a", std::array<double, 2>{{0.5, 1}})) == "{\"a\":[0.5,1.0]}");
    const int numbers[] = {3, 4};
    CHECK(sent(JsonField("/a", numbers)) == "{\"a\":[3,4]}");
    CHECK(sent(JsonField("/a", {1.5, 2.5})) == "{\"a\":[1.5,2.5]}");
    CHECK(sent(JsonField{{"/a", {"x", "y"}}, {"/b", "c"}}) ==
          "{\"a\":[\"x\",\"y\"],\"b\":\"c\"}");
    using Rows = std::vector<std::vector<int>>;
    CHECK(sent(JsonField("", Rows{{1}, {}, {2, 3}})) == "[[1],[],[2,3]]");
    // A name of digits makes no array, and the characters of pointers are names.
    using Map = std::map<std::string, int>;
    CHECK(sent(JsonField("/a", Map{{"0", 1}, {"-", 2}, {"/~", 3}, {"", 4}})) ==
          "{\"a\":{\"\":4,\"-\":2,\"/~\":3,\"0\":1}}");
    CHECK(sent(JsonField("/a", std::map<std::string, Rows>{{"b", {{1}}}})) ==
          "{\"a\":{\"b\":[[1]]}}");
}

TEST_CASE("a list or an object is one element of the array that it is appended to")
{
    const std::vector<int> numbers = {1, 2};
    CHECK(sent(JsonField("/a/-", numbers), JsonField("/a/-", std::vector<int>())) ==
          "{\"a\":[[1,2],[]]}");
    CHECK(sent(JsonField("/a/-/b", {"x", "y"})) == "{\"a\":[{\"b\":[\"x\",\"y\"]}]}");
    CHECK(sent(JsonField("/-", std::map<std::string, int>{{"b", 1}, {"c", 2}})) ==
          "[{\"b\":1,\"c\":2}]");
    const std::map<std::string, int> with_nul = {{std::string("b\0", 2), 1}};
    CHECK(sent(JsonField("/a", with_nul)) == "{\"a\":{\"b\\u0000\":1}}");
}

TEST_CASE("a floating-point number is written with the digits that it needs")
{
    for (const double number : {0.1, -0.0, 100.0, 5e-324, 1.7976931348623157e308, 1e21, 1.0 / 3}) {
        const std::string body = sent(JsonField("", number));
        const auto response = response_with(body.c_str());
        CHECK_MESSAGE(response.get<double>().or_throw() == number, body);
    }
    CHECK(sent(JsonField("", std::vector<double>{100, 0.1, 1e300})) == "[100.0,0.1,1e+300]");
}

TEST_CASE("JSON texts, parts of a response and types of the program are written")
{
    const auto response = response_with(R"({"price": 1.10, "list": [1e2, "\u00e9"]})");
    CHECK(sent(JsonField("/a", response["price"])) == "{\"a\":1.10}");
    CHECK(sent(JsonField("/a", response["list"]), JsonField("/a/-", 3)) ==
          "{\"a\":[1e2,\"\\u00e9\",3]}");
    CHECK(sent(sac::Json(response["list"])) == "[1e2, \"\\u00e9\"]");
    CHECK(sent(JsonField("/a", sac::Json("{\"b\":1.0}"))) == "{\"a\":{\"b\":1.0}}");
    CHECK(sent(JsonField("/a/-", Size{3})) == "{\"a\":[{\"width\": 3}]}");
    CHECK(sent(JsonField("/a", std::vector<Size>{{3}, {4}})) ==
          "{\"a\":[{\"width\": 3},{\"width\": 4}]}");
}

TEST_CASE("a value replaces an earlier one, in an option or a request")
{
    CHECK(sent(JsonField{{"/name", "Pot"}, {"/tags/-", "a"}, {"/tags/-", "b"}, {"/name", 7}}) ==
          "{\"name\":7,\"tags\":[\"a\",\"b\"]}");
    CHECK(sent(sac::Json("{\"a\": 1.50, \"b\": 2}"), JsonField{"/b", 3}, JsonField{"/c", 4}) ==
          "{\"a\":1.50,\"b\":3,\"c\":4}");
    Server server({Server::ok("{}")});
    const sac::Client client(server.url());
    sac::Request request("PUT", "/");
    request.json("/name", "Kettle").json("/sizes", {1, 2}).json("/sizes/0", 5);
    CHECK(client.send(request));
    request.json(std::string("/name"), nullptr);
    CHECK(client.send(request));
    CHECK(contains(server.requests().at(0), "\r\n\r\n{\"name\":\"Kettle\",\"sizes\":[5,2]}"));
    CHECK(contains(server.requests().at(1), "\r\n\r\n{\"name\":null,\"sizes\":[5,2]}"));
}

TEST_CASE("a value that cannot be written is an error of the request")
{
    CHECK(refusal(std::nan("")) == sac::Code::invalid_argument);
    CHECK(refusal(std::numeric_limits<float>::infinity()) == sac::Code::invalid_argument);
    CHECK(refusal(static_cast<const char*>(nullptr)) == sac::Code::null_argument);
    CHECK(refusal(sac::View()) == sac::Code::null_argument);
    CHECK(refusal("\xff") == sac::Code::invalid_utf8);
    CHECK(refusal(sac::Json("{")) == sac::Code::invalid_json);
    CHECK(refusal(sac::Node()) == sac::Code::invalid_json);
    CHECK(refusal(std::vector<double>{1, std::nan("")}) == sac::Code::invalid_argument);
    CHECK(sac::Request("POST", "/", JsonField("a", 1)).error().code() ==
          sac::Code::invalid_argument);
    CHECK(sac::Request("POST", "/", JsonField("/a", 1), JsonField("/a/b", 1)).error().code() ==
          sac::Code::invalid_argument);
    CHECK(sac::Request("POST", "/", JsonField(std::string("/a\0", 3), 1)).error().code() ==
          sac::Code::invalid_utf8);
    sac::Request request("POST", "/");
    request.json("/a/0", 1).json("/a/5", 2).json("/b", 3);
    CHECK(request.error().code() == sac::Code::invalid_argument);
    CHECK(sac::Client(unused_url()).send(request).code() == sac::Code::invalid_argument);
}

TEST_CASE("an option outlives the values that it was made from")
{
    std::vector<std::string> names = {"a long name that is allocated", "b"};
    const JsonField option("/names", names);
    names.assign(2, "another text in the same memory");
    CHECK(sent(option) == "{\"names\":[\"a long name that is allocated\",\"b\"]}");
}

#if __cplusplus >= 201703L

TEST_CASE("an optional is its value or null")
{
    CHECK(sent(JsonField("/a", std::optional<int>(3))) == "{\"a\":3}");
    CHECK(sent(JsonField("/a", std::optional<std::string>())) == "{\"a\":null}");
    CHECK(sent(JsonField("/a", std::vector<std::optional<bool>>{true, std::nullopt})) ==
          "{\"a\":[true,null]}");
    CHECK(sent(JsonField("/a", std::string_view("text").substr(0, 2))) == "{\"a\":\"te\"}");
    CHECK(sent(JsonField("/a", std::string_view())) == "{\"a\":\"\"}");
}

#endif
