/// Performs a case: client, settings, request, call.
#ifndef PERFORM_HPP
#define PERFORM_HPP

#include "case.hpp"

/// The records of the callbacks of a case.
struct CallbackLog {
    int retry_calls = 0;
    std::string log;
    std::size_t token_calls = 0;
};

/// The client of a case, or its clone. Its callbacks write to `seen`.
sac::Client make_client(const Part& test, const std::string& url, CallbackLog& seen);

/// Creates the request of a case, and sends it.
sac::Response call(const Part& request, const sac::Client& client);

/// Creates the request of a case, and opens its stream.
sac::Stream open_stream(const Part& request, const sac::Client& client);

#endif
