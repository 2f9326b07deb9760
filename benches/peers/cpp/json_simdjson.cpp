// Measures how fast simdjson checks each given JSON file and parses it into its tape.
//
// cargo bench --bench json -- --write FOLDER
// c++ -std=c++17 -O3 json_simdjson.cpp -lsimdjson -o json_simdjson && ./json_simdjson FOLDER/NAME.json
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <simdjson.h>

static void measure(const char *path)
{
    simdjson::padded_string text;
    if (simdjson::padded_string::load(path).get(text)) {
        std::fprintf(stderr, "%s cannot be read\n", path);
        std::exit(1);
    }
    using clock = std::chrono::steady_clock;
    std::chrono::duration<double> best(1e9);
    simdjson::dom::parser parser;
    for (auto end = clock::now() + std::chrono::seconds(1); clock::now() < end;) {
        auto start = clock::now();
        simdjson::dom::element document;
        if (parser.parse(text).get(document)) {
            std::fprintf(stderr, "%s is not JSON\n", path);
            std::exit(1);
        }
        best = std::min<std::chrono::duration<double>>(best, clock::now() - start);
    }
    std::printf("%-40s simdjson %9.0f MB/s\n", path, static_cast<double>(text.size()) / best.count() / 1e6);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        measure(argv[i]);
}
