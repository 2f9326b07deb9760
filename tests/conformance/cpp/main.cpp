// Runs the conformance cases through the C++ interface.
#include "check.hpp"

#include <iostream>

namespace {

/// The first error ends a case. `sac::Client` throws it, a response contains it.
void run(const Part& test, const std::string& url)
{
    CallbackLog seen;
    const Part expect = test / "expect";
    const auto code = (expect / "code").as<std::string>();
    try {
        const sac::Client client = make_client(test, url, seen);
        if ((test / "request" / "stream").as<bool>(false)) {
            sac::Stream stream = open_stream(test / "request", client);
            check(expect, stream);
            same("code", code, sac::name(stream.code()));
        } else {
            const sac::Response response = call(test / "request", client);
            same("code", code, sac::name(response.code()));
            if (response.c_api())
                check(expect, response);
        }
        check_client(expect, client, seen);
    } catch (const sac::InputError& refused) {
        same("code", code, sac::name(refused.code()));
    }
}

bool passes(const Part& test, const sac::Client& server, const std::string& url)
{
    const auto name = (test / "name").as<std::string>();
    std::string fault;
    try {
        run(test, url + '/' + name);
    } catch (const Fault& why) {
        fault = why.what();
    }
    // Always fetched, so that the case restarts.
    const Texts seen = server.get('/' + name + "/__requests").or_throw().get<Texts>("").or_throw();
    try {
        check_requests(test / "expect" / "requests", seen);
    } catch (const Fault& why) {
        fault = fault.empty() ? why.what() : fault;
    }
    std::cout << (fault.empty() ? "ok " + name : "FAILED " + name + ": " + fault) << '\n';
    return fault.empty();
}

int run_all(const std::string& url)
{
    const sac::Client server(url);
    const sac::Response cases = server.get("/__cases").or_throw();
    int passed = 0, failed = 0;
    for (const Part& test : Part(cases.root()).items())
        ++(passes(test, server, url) ? passed : failed);
    std::cout << "conformance cpp: " << passed << " passed, " << failed << " failed\n";
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " SERVER_URL\n";
        return EXIT_FAILURE;
    }
    try {
        return run_all(argv[1]);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
