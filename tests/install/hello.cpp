// A program outside the project. It prints the version of the library and the name of user 1.
#include <iostream>
#include <sac.hpp>
#include <string>

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    sac::Client client(argv[1], sac::Bearer("demo-token"));
    sac::Response response = client.get("/v1/users/1");
    if (!response) {
        std::cerr << response.error().message() << '\n';
        return 1;
    }
    std::cout << sac_version() << ' ' << response.get<std::string>("/name", "?") << '\n';
}
