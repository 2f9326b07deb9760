// The everyday of libsac in C++. Takes the base URL of the demo server:
//
//     g++ -std=c++11 quickstart.cpp -lsac -o quickstart && ./quickstart http://127.0.0.1:PORT
#include <sac.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

namespace {

// A response is there whatever happened, and one test tells whether all went well.
bool went_well(const sac::Response& response)
{
    if (response)
        return true;
    std::cout << "  no luck: " << response.error().message() << " (" << name(response.code())
              << ", status " << response.status() << ")\n";
    return false;
}

void read_a_user(const sac::Client& api)
{
    std::cout << "A user, behind a bearer token:\n";
    const sac::Response user = api.get("/v1/users/1", sac::Query{{"verbose", true}});
    if (!went_well(user))
        return;
    // Of a value that may be missing, say what to take instead …
    std::cout << "  number " << user.get<std::int64_t>("/id", 0) << " is "
              << user.get<std::string>("/name", "?") << ", "
              << (user.get<bool>("/active", false) ? "active" : "not active") << ", ";
    // … or look whether it is there.
    if (const auto roles = user.get<std::vector<std::string>>("/roles"))
        std::cout << "with " << roles->size() << " roles\n";
}

void open_a_session(sac::Client& api)
{
    std::cout << "A session, behind a signed cookie (signed afresh for every request):\n";
    api.set(sac::SignedCookie("session", R"({"user": "ada", "cart": 3})", "demo-service",
                              "demo-key: no secret, £0 worth", sac::Digest::sha1))
        .or_throw();
    const sac::Response session = api.get("/v1/session");
    if (went_well(session))
        std::cout << "  the server read " << session.json() << '\n';
}

void create_an_item(const sac::Client& api)
{
    std::cout << "A new item:\n";
    const sac::Response item =
        api.post("/v1/items", sac::Json(R"({"name": "Kettle", "quantity": 2})"));
    if (went_well(item))
        std::cout << "  status " << item.status() << ", it is at " << item.header("Location")
                  << '\n';
}

void retry(const sac::Client& api)
{
    std::cout << "A service that is starting, with retries:\n";
    const sac::Response response =
        api.get("/v1/flaky", sac::Retries(3), sac::Query{"key", "cpp"},
                sac::Backoff(std::chrono::milliseconds(1), std::chrono::milliseconds(10)));
    if (went_well(response))
        std::cout << "  it took " << response.attempts() << " attempts\n";
}

// The other style: what goes wrong is thrown.
void throw_what_goes_wrong(const sac::Client& api)
{
    std::cout << "An item that does not exist, thrown:\n";
    try {
        const auto name = api.get("/v1/items/4711").or_throw().get<std::string>("/name").or_throw();
        std::cout << "  it is called " << name << '\n';
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
        // Options may come in any order.
        sac::Client api(argv[1], sac::Bearer("demo-token"), sac::UserAgent("quickstart/1.0"),
                        sac::Timeout(std::chrono::seconds(10)));
        api.or_throw();
        read_a_user(api);
        open_a_session(api);
        create_an_item(api);
        retry(api);
        throw_what_goes_wrong(api);
        std::cout << "JSON that is damaged, and repaired:\n  " << api.get("/v1/damaged").json()
                  << "\nA server that is not there:\n";
        went_well(sac::Client("http://127.0.0.1:1").get("/"));
    } catch (const sac::Exception& error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
