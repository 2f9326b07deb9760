// The answer of a language model, word by word. Takes the base URL of the demo server:
//
//     c++ -std=c++11 chat.cpp -lsac -o chat && ./chat http://127.0.0.1:PORT [PROMPT]
//
// The server sends its answer as events. Each word is printed when it arrives.
#include <sac.hpp>

#include <chrono>
#include <iostream>

// Prints the words up to the last event, and returns whether it came.
static bool print_answer(sac::Stream& stream)
{
    for (const sac::Event& event : stream) {
        if (event.data() == "[DONE]") {
            std::cout << std::endl;
            return true;
        }
        std::cout << event.json()["text"].get<std::string>("") << std::flush;
    }
    return false;
}

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::cerr << "usage: " << argv[0] << " BASE_URL [PROMPT]\n";
        return 1;
    }
    // The timeout ends with the head of the response, the read timeout limits the time between two events.
    const sac::Client client(argv[1], sac::Timeout(std::chrono::seconds(10)),
                             sac::ReadTimeout(std::chrono::seconds(30)));
    sac::Stream stream = client.stream(
        sac::Request("POST", "/v1/chat", sac::JsonField("/prompt", argc > 2 ? argv[2] : "good morning"),
                     sac::Records(sac::RecordKind::events)));
    if (print_answer(stream))
        return 0;
    std::cerr << (stream ? "the answer has no end" : stream.error().message()) << '\n';
    return 1;
}
