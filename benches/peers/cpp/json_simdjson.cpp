// Measures how fast simdjson reads each given JSON file: its index alone (the first stage, which also checks UTF-8),
// into a tree, and also all values of the tree. Prints a line for each: file, reading and MB/s, with tabs between them.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <simdjson.h>

namespace {

using Clock = std::chrono::steady_clock;
std::size_t values;

// Reads all values, as the benchmark of libsac does.
std::size_t walk(simdjson::dom::element value)
{
    std::size_t all = 1;
    switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
        for (simdjson::dom::element inner : value.get_array())
            all += walk(inner);
        return all;
    case simdjson::dom::element_type::OBJECT:
        for (auto member : value.get_object())
            all += member.key.size() + walk(member.value);
        return all;
    case simdjson::dom::element_type::STRING:
        return all + value.get_string_length();
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
        return all + (static_cast<std::size_t>(value.get_double()) & 1);
    default:
        return all;
    }
}

// The fastest run counts, because disturbances only make a run longer.
template <typename Run>
void measure(const char* path, const char* reading, std::size_t bytes, Run run)
{
    std::chrono::duration<double> best(1e9);
    const auto end = Clock::now() + std::chrono::milliseconds(100);
    for (auto start = Clock::now(); start < end; start = Clock::now()) {
        values += run();
        best = std::min<std::chrono::duration<double>>(best, Clock::now() - start);
    }
    std::printf("%s\t%s\t%.0f\n", path, reading, static_cast<double>(bytes) / best.count() / 1e6);
}

void measure_all(const char* path)
{
    const simdjson::padded_string text = simdjson::padded_string::load(path);
    simdjson::ondemand::parser on_demand;
    measure(path, "index", text.size(), [&] { return on_demand.iterate(text).error() == simdjson::SUCCESS ? 1 : 0; });
    simdjson::dom::parser parser;
    const auto parse = [&]() -> simdjson::dom::element { return parser.parse(text); };
    measure(path, "check and index", text.size(), [&] { return static_cast<std::size_t>(parse().type()); });
    measure(path, "all values", text.size(), [&] { return walk(parse()); });
}

} // namespace

int main(int argc, char** argv)
{
    try {
        for (int i = 1; i < argc; i++)
            measure_all(argv[i]);
    } catch (const simdjson::simdjson_error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return values == 0;
}
