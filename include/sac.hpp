/// @file
/// libsac, the Simple API Client, for C++11 and later; more with C++17 (`std::string_view`,
/// `std::optional`) and C++20 (`std::stop_token`, `std::span`).
///
///     sac::Client api("https://api.example.com", sac::Bearer(token), sac::Retries(3),
///                     sac::Timeout(std::chrono::seconds(5)));
///     sac::Response user = api.get("/v1/users/42", sac::Query{{"verbose", true}});
///     if (user)
///         std::cout << user.get<std::string>("/name", "?") << '\n';
///     else
///         std::cerr << user.error().message() << '\n';
///
///     // The other style: throws sac::TimeoutError, sac::RateLimitedError, …, all sac::Exception.
///     auto roles = api.get("/v1/users/42").or_throw().get<std::vector<std::string>>("/roles");
///
///     // JSON is written by JSON pointers, and read by names, indexes and loops.
///     auto item = api.post("/v1/items", sac::JsonField{{"/name", "Kettle"}, {"/tags/-", "new"}});
///     for (sac::Node tag : item["tags"])
///         std::cout << tag.get<std::string>("?") << '\n';
///
/// Handles are move-only and own their C handle. `c_api()` lends it to functions of sac.h, and
/// `release()` gives it up. Link with `-lsac`; the headers need nothing else.
#ifndef SAC_HPP
#define SAC_HPP

#include <sac/client.hpp>
#include <sac/cookie.hpp>
#include <sac/parse.hpp>
#include <sac/repair.hpp>
#include <sac/webhook.hpp>

#endif

// Outside the include guard: nlohmann/json.hpp may have been included after this file.
#if defined(NLOHMANN_JSON_VERSION_MAJOR)
#include <sac/nlohmann.hpp>
#endif
