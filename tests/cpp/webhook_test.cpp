#include "support.hpp"

#include <ctime>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

using std::chrono::seconds;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

const char SECRET[] = "It's a Secret to Everybody";
const char BODY[] = "Hello, World!";
const char SIGNATURE[] = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

sac::Response read_cases()
{
    std::ostringstream text;
    text << std::ifstream("tests/webhooks.json", std::ios::binary).rdbuf();
    return sac::json_parse(text.str());
}

sac::WebhookScheme scheme_of(const std::string& name)
{
    static const std::map<std::string, sac::WebhookScheme> schemes = {
        {"standard", sac::WebhookScheme::standard}, {"stripe", sac::WebhookScheme::stripe},
        {"github", sac::WebhookScheme::github},     {"shopify", sac::WebhookScheme::shopify},
        {"slack", sac::WebhookScheme::slack},
    };
    return schemes.at(name);
}

/// Verifies a webhook of Slack that was signed this long ago.
sac::Code verify_signed(seconds ago, seconds tolerance)
{
    const std::string timestamp = std::to_string(std::time(nullptr) - ago.count());
    const std::string mac =
        sac::hmac(sac::Digest::sha256, SECRET, "v0:" + timestamp + ":" + BODY).or_throw();
    const std::map<std::string, std::string> headers = {
        {"x-slack-signature", "v0=" + mac}, {"x-slack-request-timestamp", timestamp}};
    return sac::verify_webhook(sac::WebhookScheme::slack, {SECRET}, headers, BODY, tolerance)
        .error()
        .code();
}

}  // namespace

TEST_CASE("each case of tests/webhooks.json has its result")
{
    const sac::Response cases = read_cases();
    REQUIRE(cases.root().size() >= 80);
    for (const sac::Node one : cases.root()) {
        const std::string name = one["name"].get<std::string>("");
        CAPTURE(name);
        Pairs headers;
        for (const sac::Node field : one["headers"])
            headers.emplace_back(field[0].get<std::string>("?"), field[1].get<std::string>("?"));
        const auto secrets = one["secrets"].get<std::vector<std::string>>();
        REQUIRE(secrets);
        const auto result = sac::verify_webhook(
            scheme_of(one["scheme"].get<std::string>("")), *secrets, headers,
            one["body"].get<std::string>("?"), seconds(one["tolerance_s"].get<int>(-1)));
        CHECK(sac::name(result.error().code()) == one["code"].get<std::string>("?"));
        CHECK(result.value_or("none") == one["id"].get<std::string>("none"));
    }
}

TEST_CASE("the tolerance holds in both directions, and is five minutes by default")
{
    CHECK(verify_signed(seconds(0), seconds(300)) == sac::Code::ok);
    CHECK(verify_signed(seconds(3600), seconds(7200)) == sac::Code::ok);
    CHECK(verify_signed(seconds(-3600), seconds(7200)) == sac::Code::ok);
    CHECK(verify_signed(seconds(3600), seconds(300)) == sac::Code::signature);
    CHECK(verify_signed(seconds(-3600), seconds(300)) == sac::Code::signature);
    CHECK(verify_signed(seconds(3600), seconds(0)) == sac::Code::ok);
    CHECK(verify_signed(seconds(0), seconds(-1)) == sac::Code::invalid_argument);

    const Pairs old = {{"X-Slack-Signature",
                        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
                       {"X-Slack-Request-Timestamp", "1531420618"}};
    CHECK(sac::verify_webhook(sac::WebhookScheme::slack, {SECRET}, old, BODY).error().code() ==
          sac::Code::signature);
}

TEST_CASE("header fields and bodies may have many types")
{
    const auto github = sac::WebhookScheme::github;
    const std::map<std::string, std::string> map = {{"x-hub-signature-256", SIGNATURE}};
    CHECK(sac::verify_webhook(github, {SECRET}, map, std::string(BODY)));
    CHECK(sac::verify_webhook(github, {"new", SECRET}, {{"X-Hub-Signature-256", SIGNATURE}}, BODY));
    const auto id = sac::verify_webhook(
        github, {SECRET}, {{"X-Hub-Signature-256", SIGNATURE}, {"X-GitHub-Delivery", "72d3"}},
        sac::View(BODY));
    CHECK(id.or_throw() == "72d3");
#if __cplusplus >= 201703L
    const std::vector<std::pair<std::string_view, std::string_view>> views = {
        {"x-hub-signature-256", SIGNATURE}};
    CHECK(sac::verify_webhook(github, {SECRET}, views, std::string_view(BODY)));
#endif
}

TEST_CASE("bad input to a webhook gives an error")
{
    const auto github = sac::WebhookScheme::github;
    const auto code_of = [&](sac::WebhookScheme scheme, const std::vector<std::string>& secrets,
                             const Pairs& headers) {
        return sac::verify_webhook(scheme, secrets, headers, BODY).error().code();
    };
    const Pairs headers = {{"x-hub-signature-256", SIGNATURE}};
    CHECK(code_of(github, {}, headers) == sac::Code::invalid_argument);
    CHECK(code_of(github, {""}, headers) == sac::Code::invalid_argument);
    CHECK(code_of(static_cast<sac::WebhookScheme>(9), {SECRET}, headers) ==
          sac::Code::invalid_argument);
    CHECK(code_of(github, {std::string("a\0b", 3)}, headers) == sac::Code::invalid_utf8);
    CHECK(code_of(github, {SECRET}, {}) == sac::Code::signature);
    CHECK(code_of(github, {SECRET}, {{headers[0].first, SIGNATURE + std::string(1, '\0')}}) ==
          sac::Code::signature);
    CHECK(sac::verify_webhook(github, {SECRET}, headers, std::string(BODY) + '\0').error().code() ==
          sac::Code::signature);
    CHECK_THROWS_AS(sac::verify_webhook(github, {"x"}, headers, BODY).or_throw(), sac::InputError);
}

TEST_CASE("an HMAC is that of RFC 4231 in each encoding")
{
    const char data[] = "what do ya want for nothing?";
    CHECK(sac::hmac(sac::Digest::sha256, "Jefe", data).or_throw() ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(sac::hmac(sac::Digest::sha256, "Jefe", data, sac::Encoding::base64).or_throw() ==
          "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    CHECK(sac::hmac(sac::Digest::sha1, "Jefe", data, sac::Encoding::base64url).or_throw() ==
          "7_zfauXrL6LSdBbV8YTfnCWafHk");
    CHECK(sac::hmac(sac::Digest::sha512, "Jefe", data).or_throw().size() == 128);
    CHECK(sac::hmac(sac::Digest::sha256, std::string(1, '\0'), "").or_throw().size() == 64);
    CHECK(sac::hmac(sac::Digest::sha256, "", data).error().code() == sac::Code::invalid_argument);
    CHECK(sac::hmac(static_cast<sac::Digest>(9), "k", data).error().code() ==
          sac::Code::invalid_argument);
}
