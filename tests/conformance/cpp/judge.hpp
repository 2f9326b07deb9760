/// Comparing what came of a case with what is expected.
#ifndef JUDGE_HPP
#define JUDGE_HPP

#include "perform.hpp"

#include <sstream>
#include <stdexcept>

/// Why a case failed.
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws a Fault where two values differ.
template <class Expected, class Actual>
void same(const std::string& what, const Expected& expected, const Actual& actual)
{
    if (expected == actual)
        return;
    std::ostringstream why;
    why << what << " is " << actual << " instead of " << expected;
    throw Fault(why.str());
}

/// What a case expects of its response.
void judge(const Part& expect, const sac::Response& response);
/// What is read out of the response's JSON.
void judge_values(const Part& values, const sac::Response& response);
/// What a case expects of the client itself.
void judge_client(const Part& expect, const sac::Client& client, const Witness& seen);
/// The raw requests that the server has seen.
void judge_requests(const Part& expect, const Texts& seen);

#endif
