#include "support.hpp"

TEST_CASE("damaged JSON in a string of any type is repaired")
{
    CHECK(sac::json_repair("{'a': 1,}").or_throw() == "{\"a\":1}");
    CHECK(sac::json_repair(std::string("[1, 2")).or_throw() == "[1,2]");
    CHECK(sac::json_repair("[ 1 ]").or_throw() == "[ 1 ]");
    Server server({Server::reply("200 OK", "{'a': 1,}")});
    const auto response = sac::Client(server.url()).get("/");
    CHECK(response.json_state() == sac::JsonState::repaired);
    CHECK(sac::json_repair(response.body()).or_throw() == response.json());
    CHECK(sac::json_repair(response.json()).or_throw() == response.json());
}

TEST_CASE("a text that cannot be repaired gives an error")
{
    CHECK(sac::json_repair("<html></html>").error().code() == sac::Code::not_json);
    CHECK(sac::json_repair("").error().code() == sac::Code::not_json);
    CHECK(sac::json_repair(static_cast<const char*>(nullptr)).error().code() != sac::Code::ok);
}

#if __cplusplus >= 201703L

TEST_CASE("a part of a text can be repaired")
{
    const std::string_view text = "data: [1,] and more";
    CHECK(sac::json_repair(text.substr(6, 4)).or_throw() == "[1]");
}

#endif
