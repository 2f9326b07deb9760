/// Compares the outcome of a case with the expected one.
#ifndef CHECK_HPP
#define CHECK_HPP

#include "perform.hpp"

#include <sstream>
#include <stdexcept>

/// The reason why a case failed.
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws a Fault if two values differ.
template <class Expected, class Actual>
void same(const std::string& what, const Expected& expected, const Actual& actual)
{
    if (expected == actual)
        return;
    std::ostringstream why;
    why << what << " is " << actual << " instead of " << expected;
    throw Fault(why.str());
}

/// Checks the response of a case.
void check(const Part& expect, const sac::Response& response);
/// Checks the head and the records of a stream, which it reads to its end.
void check(const Part& expect, sac::Stream& stream);
/// Checks the values of the response's JSON.
void check_values(const Part& values, const sac::Response& response);
/// Checks the client and its callbacks.
void check_client(const Part& expect, const sac::Client& client, const CallbackLog& seen);
/// `seen`: the raw requests that the server received.
void check_requests(const Part& expect, const Texts& seen);

#endif
