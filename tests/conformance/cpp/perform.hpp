/// Doing what a case says: client, settings, request, call.
#ifndef PERFORM_HPP
#define PERFORM_HPP

#include "case.hpp"

/// What the callbacks of a case have seen.
struct Witness {
    int retry_calls = 0;
    std::string log;
};

/// The client of a case, or the clone of it; what it calls back writes to `seen`.
sac::Client make_client(const Part& test, const std::string& url, Witness& seen);

/// Makes the request of a case, and sends it.
sac::Response call(const Part& request, const sac::Client& client);

#endif
