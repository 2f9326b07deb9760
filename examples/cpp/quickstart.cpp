// The basics of libsac in C++. Takes the base URL of the demo server:
//
//     g++ -std=c++11 quickstart.cpp -lsac -o quickstart && ./quickstart http://127.0.0.1:PORT
#include <sac.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

namespace {

// Every call returns a response. One test says whether the call succeeded.
bool succeeded(const sac::Response& response)
{
    if (response)
        return true;
    std::cout << "  error: " << response.error().message() << " (" << name(response.code())
              << ", status " << response.status() << ")\n";
    return false;
}

void read_a_user(const sac::Client& api)
{
    std::cout << "A user, with a bearer token:\n";
    const sac::Response user = api.get("/v1/users/1", sac::Query{{"verbose", true}});
    if (!succeeded(user))
        return;
    // With a default for a value that may be missing …
    std::cout << "  number " << user.get<std::int64_t>("/id", 0) << " is "
              << user.get<std::string>("/name", "?") << ", "
              << (user.get<bool>("/active", false) ? "active" : "not active") << ", ";
    // … or with a check.
    if (const auto roles = user.get<std::vector<std::string>>("/roles"))
        std::cout << "with " << roles->size() << " roles\n";
}

void open_a_session(sac::Client& api)
{
    std::cout << "A session, with a signed cookie (signed again for every request):\n";
    api.set(sac::SignedCookie("session", R"({"user": "ada", "cart": 3})", "demo-service",
                              "demo-key: no secret, £0 worth", sac::Digest::sha1))
        .or_throw();
    const sac::Response session = api.get("/v1/session");
    if (succeeded(session))
        std::cout << "  the server received " << session.json() << '\n';
}

void create_an_item(const sac::Client& api)
{
    std::cout << "A new item:\n";
    const sac::Response item =
        api.post("/v1/items", sac::JsonField{{"/name", "Kettle"}, {"/quantity", 2}});
    if (succeeded(item))
        std::cout << "  status " << item.status() << ", it is at " << item.header("Location")
                  << '\n';
}

void retry(const sac::Client& api)
{
    std::cout << "A service that is starting, with retries:\n";
    const sac::Response response =
        api.get("/v1/flaky", sac::Retries(3), sac::Query{"key", "cpp"},
                sac::Backoff(std::chrono::milliseconds(1), std::chrono::milliseconds(10)));
    if (succeeded(response))
        std::cout << "  it took " << response.attempts() << " attempts\n";
}

// The other style: errors are exceptions.
void throw_errors(const sac::Client& api)
{
    std::cout << "An item that does not exist, as an exception:\n";
    try {
        const auto name = api.get("/v1/items/4711").or_throw().get<std::string>("/name").or_throw();
        std::cout << "  its name is " << name << '\n';
    } catch (const sac::StatusError& error) {
        std::cout << "  " << error.what() << ", status " << error.response()->status() << '\n';
    }
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " BASE_URL\n";
        return EXIT_FAILURE;
    }
    try {
        // Options may be in any order.
        sac::Client api(argv[1], sac::Bearer("demo-token"), sac::UserAgent("quickstart/1.0"),
                        sac::Timeout(std::chrono::seconds(10)));
        api.or_throw();
        read_a_user(api);
        open_a_session(api);
        create_an_item(api);
        retry(api);
        throw_errors(api);
        std::cout << "Damaged JSON, which is repaired:\n  " << api.get("/v1/damaged").json()
                  << "\nA server that does not run:\n";
        succeeded(sac::Client("http://127.0.0.1:1").get("/"));
    } catch (const sac::Exception& error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
