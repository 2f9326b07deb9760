// The adapter for nlohmann::json.
#if defined(__has_include)
#if __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>
#endif
#endif

// Again, because nlohmann::json is included now.
#include <sac.hpp>

#include "support.hpp"

#if defined(NLOHMANN_JSON_VERSION_MAJOR)

TEST_CASE("nlohmann::json can be sent and received")
{
    Server server({Server::ok(R"({"b": [1, {"c": 2.5}], "a": "é"})")});
    const sac::Client client(server.url());
    const nlohmann::json sent = {{"name", "Kettle"}, {"quantity", 2}};
    const auto response = client.post("/", sac::Json(sent), sac::Retries(0));
    REQUIRE(response);
    CHECK(server.requests().at(0).find("\r\n\r\n{\"name\":\"Kettle\",\"quantity\":2}") !=
          std::string::npos);
    CHECK(response.get<nlohmann::json>("").or_throw()["b"][1]["c"] == 2.5);
    CHECK(response.get<nlohmann::json>("/a").or_throw() == "é");
    CHECK(response.get<nlohmann::ordered_json>("").or_throw().begin().key() == "b");
    CHECK_FALSE(response.get<nlohmann::json>("/none"));
    CHECK(client.post("/", sac::Json(nlohmann::ordered_json::array())));
    CHECK(client.post("/", sac::JsonField("/items/-", sent)));
    CHECK(server.requests().at(2).find(
              "\r\n\r\n{\"items\":[{\"name\":\"Kettle\",\"quantity\":2}]}") != std::string::npos);
    CHECK(response["b"][1].get<nlohmann::json>().or_throw()["c"] == 2.5);
}

TEST_CASE("there is no value if nlohmann::json cannot represent it")
{
    CHECK_FALSE(response_with("[1e999]").get<nlohmann::json>(""));
}

#endif
