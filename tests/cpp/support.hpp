/// Helpers of the C++ tests.
#ifndef SUPPORT_HPP
#define SUPPORT_HPP

#include "server.hpp"

#include <sac.hpp>

#include <doctest/doctest.h>

#include <string>

/// A base URL on which no server listens.
inline const char* unused_url() { return "http://127.0.0.1:1"; }

/// The response of a GET for which the server sends this JSON.
inline sac::Response response_with(const std::string& json)
{
    Server server({Server::ok(json)});
    return sac::Client(server.url()).get("/");
}

inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

namespace doctest {

template <>
struct StringMaker<sac::Code> {
    static String convert(sac::Code code) { return sac::name(code); }
};

template <>
struct StringMaker<sac::View> {
    static String convert(sac::View text) { return String(text.c_str()); }
};

}  // namespace doctest

#endif
