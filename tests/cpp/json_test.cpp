#include "support.hpp"

#include <cmath>
#include <limits>
#include <vector>

TEST_CASE("values are read as the requested type")
{
    const auto response =
        response_with(R"({"n": 7, "half": 0.5, "yes": true, "s": "\u00e9\u0000!"})");
    REQUIRE(response);
    CHECK(response.get<int>("/n").or_throw() == 7);
    CHECK(response.get<double>("/n").or_throw() == 7.0);
    CHECK(response.get<double>("/half").or_throw() == 0.5);
    CHECK(response.get<bool>("/yes").or_throw());
    CHECK(response.get<std::string>("/s").or_throw() == std::string("\xc3\xa9\0!", 4));
    CHECK(response.get<sac::View>("/s").or_throw().size() == 4);
    CHECK(response.text("/half") == "0.5");
    CHECK(response_with("[1, 2]").get<std::vector<int>>().or_throw().size() == 2);
}

TEST_CASE("no value is converted, rounded or truncated")
{
    const auto response =
        response_with(R"({"n": 300, "half": 0.5, "s": "7", "far": 1e300, "minus": -1})");
    REQUIRE(response);
    CHECK_FALSE(response.get<std::uint8_t>("/n"));
    CHECK_FALSE(response.get<signed char>("/n"));
    CHECK(response.get<short>("/n").or_throw() == 300);
    CHECK_FALSE(response.get<int>("/half"));
    CHECK_FALSE(response.get<int>("/s"));
    CHECK_FALSE(response.get<std::string>("/n"));
    CHECK_FALSE(response.get<bool>("/n"));
    CHECK_FALSE(response.get<float>("/far"));
    CHECK(response.get<double>("/far"));
    CHECK_FALSE(response.get<unsigned>("/minus"));
    CHECK_FALSE(response.get<std::uint64_t>("/minus"));
}

TEST_CASE("a number that rounds to the largest float is read, and one that rounds to infinity is not")
{
    const auto response = response_with("[3.4028235e38, -3.40282356e38, 3.4028236e38, 1e39]");
    REQUIRE(response);
    const float max = std::numeric_limits<float>::max();
    CHECK(response.get<float>("/0").or_throw() == max);
    CHECK(response.get<float>("/1").or_throw() == -max);
    CHECK_FALSE(response.get<float>("/2"));
    CHECK_FALSE(response.get<float>("/3"));
}

TEST_CASE("the largest integers of each type can be read")
{
    const auto response = response_with(
        "[18446744073709551615, 18446744073709551616, 9223372036854775807,"
        " -9223372036854775808, 9223372036854775808]");
    REQUIRE(response);
    CHECK(response.get<std::uint64_t>("/0").or_throw() ==
          std::numeric_limits<std::uint64_t>::max());
    CHECK_FALSE(response.get<std::uint64_t>("/1"));
    CHECK(response.get<std::int64_t>("/2").or_throw() == std::numeric_limits<std::int64_t>::max());
    CHECK(response.get<std::int64_t>("/3").or_throw() == std::numeric_limits<std::int64_t>::min());
    CHECK_FALSE(response.get<std::int64_t>("/4"));
    CHECK(response.get<unsigned long long>("/4").or_throw() == 9223372036854775808U);
}

TEST_CASE("the error of a missing value names the type and the pointer")
{
    const auto response = response_with(R"({"a": null})");
    REQUIRE(response);
    const auto missing = response.get<std::string>("/b");
    CHECK(missing.error().code() == sac::Code::not_json);
    CHECK(missing.error().message() == std::string("the response has no string at \"/b\""));
    CHECK_THROWS_AS((void)response.get<int>("/a").or_throw(), sac::AnswerError);
    CHECK(response.get<int>("/b", 5) == 5);
    CHECK(response.get<std::string>("/b", "none") == "none");
}

TEST_CASE("a value of a failed call has the error of the call")
{
    const auto response = sac::Client(unused_url()).get("/");
    CHECK(response.get<int>("/id").error().code() == sac::Code::connect);
    CHECK_THROWS_AS((void)response.get<int>("/id").or_throw(), sac::NetworkError);
}

TEST_CASE("an array becomes a vector if all elements have the type")
{
    const auto response =
        response_with(R"({"a": ["x", "y"], "n": [[1, 2], []], "mixed": [1, "2"]})");
    REQUIRE(response);
    const std::vector<std::string> names = response.get<std::vector<std::string>>("/a").or_throw();
    CHECK(names == std::vector<std::string>{"x", "y"});
    using Rows = std::vector<std::vector<int>>;
    CHECK(response.get<Rows>("/n").or_throw() == Rows{{1, 2}, {}});
    CHECK_FALSE(response.get<std::vector<int>>("/mixed"));
    CHECK_FALSE(response.get<std::vector<int>>("/none"));
    CHECK(response.length("/mixed") == 2);
}

#if __cplusplus >= 201703L

TEST_CASE("an optional may be missing or null, but not of another type")
{
    const auto response = response_with(R"({"a": null, "b": 1})");
    REQUIRE(response);
    CHECK(response.get<std::optional<int>>("/a").or_throw() == std::nullopt);
    CHECK(response.get<std::optional<int>>("/none").or_throw() == std::nullopt);
    CHECK(response.get<std::optional<int>>("/b").or_throw() == 1);
    CHECK_FALSE(response.get<std::optional<std::string>>("/b"));
    CHECK_FALSE(sac::Client(unused_url()).get("/").get<std::optional<int>>("/a"));
}

#endif

namespace {

struct Point {
    int x = 0, y = 0;
};

}  // namespace

namespace sac {

template <>
struct JsonReader<Point> {
    static const char* what() { return "point"; }
    static bool read(const Node& node, Point& out)
    {
        return node["x"].get_to(out.x) && node["y"].get_to(out.y);
    }
};

template <>
struct JsonWriter<Point> {
    static std::string write(const Point& point)
    {
        return "{\"x\": " + std::to_string(point.x) + ", \"y\": " + std::to_string(point.y) + "}";
    }
};

}  // namespace sac

TEST_CASE("a type of the program can be read and written")
{
    Point point;
    point.x = 3;
    point.y = 4;
    Server server({Server::ok(R"([{"x": 5, "y": 6}])")});
    const auto response = sac::Client(server.url()).post("/", sac::Json(point));
    CHECK(server.requests().at(0).find("\r\n\r\n{\"x\": 3, \"y\": 4}") != std::string::npos);
    CHECK(response.get<Point>("/0").or_throw().y == 6);
    CHECK(response.get<std::vector<Point>>("").or_throw().at(0).x == 5);
}
