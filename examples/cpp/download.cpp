// A download with a progress bar. Takes the base URL of the demo server, and a file to keep. The
// file appears complete or not at all, and a retry resumes an interrupted download.
#include <sac.hpp>

#include <cstdio>
#include <iostream>
#include <string>

namespace {

// Draws only if the percentage has changed, because this is called for every received piece.
class Bar {
public:
    bool operator()(const sac::Progress& progress)
    {
        if (progress.to_receive == 0)
            return true;  // The server did not send the length.
        const int percent = static_cast<int>(progress.received * 100 / progress.to_receive);
        if (percent != shown_)
            draw(percent, progress);
        shown_ = percent;
        return true;  // False would cancel the download.
    }

private:
    static void draw(int percent, const sac::Progress& progress)
    {
        std::string bar(40, '.');
        bar.replace(0, static_cast<std::size_t>(percent * 40 / 100),
                    static_cast<std::size_t>(percent * 40 / 100), '#');
        std::cout << "\r[" << bar << "] " << percent << " %  " << progress.received << " of "
                  << progress.to_receive << " bytes" << std::flush;
    }

    int shown_ = -1;
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::cerr << "usage: " << argv[0] << " BASE_URL [FILE]\n";
        return EXIT_FAILURE;
    }
    const std::string file = argc > 2 ? argv[2] : "download-cpp.bin";
    const sac::Client api(argv[1]);
    // No limit for the whole transfer, but one for silence.
    const sac::Response response =
        api.get("/v1/download", sac::Query{"bytes", 32 << 20}, sac::OutputFile(file),
                sac::OnProgress(Bar()), sac::Retries(3), sac::Timeout(std::chrono::seconds(0)),
                sac::ReadTimeout(std::chrono::seconds(30)));
    if (!response) {
        std::cerr << "\nerror: " << response.error().message() << '\n';
        return EXIT_FAILURE;
    }
    std::cout << '\n' << file << " is complete, after " << response.attempts() << " attempt(s)\n";
    if (argc == 2)
        std::remove(file.c_str());  // The caller did not ask for the file.
    return EXIT_SUCCESS;
}
