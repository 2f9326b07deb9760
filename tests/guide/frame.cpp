// The program around the pieces of C++ in the guide.
#include <sac.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>
#include <unistd.h>
#include <sys/wait.h>

using namespace std::chrono_literals;

@PIECES@
int main(int, char** argv)
{
    static const std::map<std::string, void (*)(sac::Client&)> pieces = {@TABLE@};
    try {
        sac::Client client("http://127.0.0.1:8080");
        pieces.at(argv[1])(client);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
