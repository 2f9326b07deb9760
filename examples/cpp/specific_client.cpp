// A client for one service, as a derived class. The rest of the program uses users and items, and
// needs no paths, tokens and JSON. Takes the base URL of the demo server.
#include <sac.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>

namespace {

// --- my_service.hpp ---

struct User {
    std::int64_t id = 0;
    std::string name;
    bool active = false;
};

class MyService : public sac::Client {
public:
    // More options, such as another Timeout, may follow.
    template <class... Options>
    MyService(const std::string& base_url, const std::string& token, const Options&... options)
        : Client(base_url, sac::Bearer(token), sac::UserAgent("my-service-client/1.0"),
                 sac::Timeout(std::chrono::seconds(5)), options...)
    {
    }

    /// Throws sac::Exception.
    User user(std::int64_t id) const;

    /// Returns false if the service refuses it; `why` receives the reason.
    bool set_quantity(std::int64_t item, int quantity, std::string& why) const;

    /// Calls a function for each item of all pages. Throws sac::Exception.
    void each_item(const std::function<void(std::int64_t, const std::string&)>& visit) const;

    int calls() const { return calls_; }

protected:
    // Receives every response: the place for code that all calls share.
    sac::Response on_response(sac::Response response) const override
    {
        ++calls_;
        return response;
    }

private:
    mutable std::atomic<int> calls_{0};  // Several threads may use one client.
};

// --- my_service.cpp ---

User MyService::user(std::int64_t id) const
{
    const sac::Response response = get("/v1/users/" + std::to_string(id)).or_throw();
    User user;
    user.id = response["id"].get<std::int64_t>().or_throw();
    user.name = response["name"].get<std::string>().or_throw();
    user.active = response["active"].get<bool>(false);
    return user;
}

bool MyService::set_quantity(std::int64_t item, int quantity, std::string& why) const
{
    const sac::Response response =
        patch("/v1/items/" + std::to_string(item), sac::JsonField("/quantity", quantity));
    if (!response)
        why = response.error().message();
    return response.ok();
}

void MyService::each_item(const std::function<void(std::int64_t, const std::string&)>& visit) const
{
    std::string path = "/v1/items";
    while (!path.empty()) {
        const sac::Response page = get(path).or_throw();
        for (const sac::Node item : page["items"])
            visit(item["id"].get<std::int64_t>(0), item["name"].get<std::string>(""));
        // Only a link to the same server has a path, so the program follows no other.
        const sac::View next = page.link("next");
        path = next ? path_of(next).or_throw() : "";
    }
}

// --- the program ---

void show_user(const MyService& service, std::int64_t id)
{
    try {
        const User user = service.user(id);
        std::cout << "User " << id << " is " << user.name << (user.active ? "" : " (inactive)")
                  << ".\n";
    } catch (const sac::StatusError& error) {
        std::cout << "User " << id << " is not available: " << error.what() << ".\n";
    }
}

void run(const MyService& service)
{
    for (std::int64_t id = 3; id <= 6; ++id)
        show_user(service, id);
    std::string why;
    std::cout << "A quantity of -1: " << (service.set_quantity(1, -1, why) ? "accepted" : why)
              << ".\nThe first items:\n";
    int count = 0;
    service.each_item([&count](std::int64_t id, const std::string& name) {
        if (++count <= 3)
            std::cout << "  " << id << ": " << name << '\n';
    });
    std::cout << count << " items on all pages, " << service.calls() << " calls in all.\n";
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " BASE_URL\n";
        return EXIT_FAILURE;
    }
    try {
        run(MyService(argv[1], "demo-token", sac::Retries(2)));
    } catch (const sac::Exception& error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
