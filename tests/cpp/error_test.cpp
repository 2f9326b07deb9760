#include "support.hpp"

TEST_CASE("an error is true if something failed")
{
    CHECK_FALSE(sac::Error());
    CHECK_FALSE(sac::Error(sac::Code::ok));
    const sac::Error error(sac::Code::invalid_path);
    CHECK(error);
    CHECK(error.message() == std::string(sac::message(sac::Code::invalid_path)));
    CHECK(sac::Error(sac::Code::file, "no such file").message() == std::string("no such file"));
}

TEST_CASE("the code determines the class of the exception")
{
    CHECK_THROWS_AS(sac::Error(sac::Code::invalid_url).or_throw(), sac::InputError);
    CHECK_THROWS_AS(sac::Error(sac::Code::file).or_throw(), sac::InputError);
    CHECK_THROWS_AS(sac::Error(sac::Code::resolve).or_throw(), sac::NetworkError);
    CHECK_THROWS_AS(sac::Error(sac::Code::too_large).or_throw(), sac::NetworkError);
    CHECK_THROWS_AS(sac::Error(sac::Code::timeout).or_throw(), sac::TimeoutError);
    CHECK_THROWS_AS(sac::Error(sac::Code::timeout).or_throw(), sac::NetworkError);
    CHECK_THROWS_AS(sac::Error(sac::Code::status).or_throw(), sac::StatusError);
    CHECK_THROWS_AS(sac::Error(sac::Code::rate_limited).or_throw(), sac::RateLimitedError);
    CHECK_THROWS_AS(sac::Error(sac::Code::rate_limited).or_throw(), sac::StatusError);
    CHECK_THROWS_AS(sac::Error(sac::Code::not_json).or_throw(), sac::AnswerError);
    CHECK_THROWS_AS(sac::Error(sac::Code::cancelled).or_throw(), sac::CancelledError);
    CHECK_THROWS_AS(sac::Error(sac::Code::internal).or_throw(), sac::Exception);
    CHECK_NOTHROW(sac::Error().or_throw());
}

TEST_CASE("a code of a newer library is thrown too")
{
    try {
        sac::Error(static_cast<sac::Code>(9999)).or_throw();
        FAIL("nothing was thrown");
    } catch (const sac::Exception& exception) {
        CHECK(static_cast<int>(exception.code()) == 9999);
    }
}

TEST_CASE("a result holds a value or an error")
{
    const sac::Result<int> seven(7), none{sac::Error(sac::Code::closed)};
    CHECK(seven);
    CHECK(*seven == 7);
    CHECK(seven.value_or(1) == 7);
    CHECK(seven.or_throw() == 7);
    CHECK(seven.has_value());
    CHECK(seven.value() == 7);
    CHECK(sac::Result<std::string>("x").value() == "x");
    CHECK_FALSE(none);
    CHECK(*none == 0);
    CHECK(none.value_or(1) == 1);
    CHECK(none.error().code() == sac::Code::closed);
    CHECK_THROWS_AS((void)none.or_throw(), sac::NetworkError);
    CHECK_FALSE(none.has_value());
    CHECK_THROWS_AS((void)none.value(), sac::NetworkError);
    CHECK_THROWS_AS((void)sac::Result<int>(sac::Error(sac::Code::timeout)).value(),
                    sac::TimeoutError);
}

#if __cplusplus >= 201703L

TEST_CASE("a result converts to an optional")
{
    CHECK(sac::Result<int>(7).optional() == 7);
    CHECK_FALSE(sac::Result<int>(sac::Error(sac::Code::closed)).optional().has_value());
}

#endif

TEST_CASE("the exception of a call contains its response")
{
    Server server({Server::reply("404 Not Found", R"({"error": "no such item"})")});
    try {
        sac::Client(server.url()).get("/v1/items/4711").or_throw();
        FAIL("nothing was thrown");
    } catch (const sac::StatusError& exception) {
        REQUIRE(exception.response());
        CHECK(exception.code() == sac::Code::status);
        CHECK(exception.response()->status() == 404);
        CHECK(exception.what() == std::string("no such item"));
        CHECK(exception.response()->get<std::string>("/error", "") == exception.what());
        const sac::StatusError copy = exception;
        CHECK(copy.response() == exception.response());
    }
}

TEST_CASE("or_throw moves the response into the exception")
{
    sac::Response response = sac::Client(unused_url()).get("/");
    const std::string message = response.error().message();
    CHECK_THROWS_WITH_AS((void)response.or_throw(), message.c_str(), sac::NetworkError);
    CHECK(response.code() == sac::Code::null_argument);
    CHECK(response.json() == "{}");
    CHECK(response.body().empty());
    CHECK_FALSE(response.get<std::string>("/error"));
}

TEST_CASE("or_throw returns a response without an error")
{
    CHECK(response_with("[]").or_throw().status() == 200);
    sac::Response response = response_with("[]");
    CHECK(&response.or_throw() == &response);
}
