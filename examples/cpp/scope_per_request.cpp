// A server that calls another service on behalf of its users: one client for the whole process,
// and a clone of it for each incoming request. The clones share the client's connections, but not
// their headers, cookies and credentials. Takes the base URL of the demo server.
#include <sac.hpp>

#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

struct IncomingRequest {
    std::string id, token, language;
};

// What the service received of a call.
std::string seen(const sac::Client& client)
{
    const sac::Response response = client.get("/v1/echo");
    if (!response)
        return response.error().message();
    const auto header = [&response](const std::string& name) {
        return response.get<std::string>("/headers/" + name, "none");
    };
    return "request " + header("x-request-id") + ", authorisation " + header("authorization") +
           ", cookie " + header("cookie") + ", from " + header("user-agent");
}

// Runs on a separate thread for each request. The scope ends with the function, also after an
// exception.
std::string handle(const sac::Client& shared, const IncomingRequest& request)
{
    sac::Client scope =
        shared.clone(sac::Header{"X-Request-Id", request.id}, sac::Bearer(request.token));
    if (!request.language.empty())
        scope.set(sac::Cookie{"language", request.language}).or_throw();
    scope.or_throw();
    return seen(scope);
}

void serve(const sac::Client& shared, const std::vector<IncomingRequest>& requests)
{
    std::mutex output;
    std::vector<std::thread> threads;
    for (const IncomingRequest& request : requests)
        threads.emplace_back([&shared, &request, &output] {
            const std::string line = handle(shared, request);
            const std::lock_guard<std::mutex> lock(output);
            std::cout << "scope  " << line << '\n';
        });
    for (std::thread& thread : threads)
        thread.join();
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " BASE_URL\n";
        return EXIT_FAILURE;
    }
    const sac::Client shared(argv[1], sac::UserAgent("shop/2.1"));
    if (shared.error()) {
        std::cerr << shared.error().message() << '\n';
        return EXIT_FAILURE;
    }
    serve(shared, {{"a-1", "token-of-ada", "en"},
                   {"b-2", "token-of-bob", ""},
                   {"c-3", "token-of-eve", "fr"}});
    std::cout << "shared " << seen(shared) << '\n';
    return EXIT_SUCCESS;
}
