#include "support.hpp"

using std::chrono::seconds;

TEST_CASE("a signed cookie verifies only with its key and digest")
{
    const std::string cookie =
        sac::cookie_sign(R"({"user": "ada"})", "shop", "key", sac::Digest::sha256).or_throw();
    const auto payload = sac::cookie_verify(cookie, {{"other", "x"}, {"shop", "key"}}, seconds(60),
                                            sac::Digest::sha256);
    CHECK(payload.or_throw() == R"({"user": "ada", "key_id": "shop"})");
    CHECK(sac::cookie_verify(cookie, {{"shop", "wrong"}}, seconds(0), sac::Digest::sha256)
              .error()
              .code() == sac::Code::invalid_cookie);
    CHECK_FALSE(sac::cookie_verify(cookie, {{"shop", "key"}}, seconds(0), sac::Digest::sha512));
    CHECK_FALSE(sac::cookie_verify(cookie, {}, seconds(0), sac::Digest::sha256));
}

TEST_CASE("bad input to a cookie gives an error")
{
    CHECK(sac::cookie_sign("[]", "a", "b", sac::Digest::sha1).error().code() ==
          sac::Code::invalid_json);
    CHECK(sac::cookie_sign("{}", "a", "b", static_cast<sac::Digest>(9)).error().code() ==
          sac::Code::invalid_argument);
    CHECK(sac::cookie_verify("x", {}, seconds(-1), sac::Digest::sha1).error().code() ==
          sac::Code::invalid_argument);
}
