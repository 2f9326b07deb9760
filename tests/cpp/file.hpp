/// A file for one test.
#ifndef FILE_HPP
#define FILE_HPP

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

/// A temporary directory for one file. Both are removed with the object.
class TestFile {
public:
    TestFile()
    {
        char folder[] = "/tmp/sac-test-XXXXXX";
        if (!mkdtemp(folder))
            throw std::runtime_error("no folder for a test");
        folder_ = folder;
    }
    ~TestFile()
    {
        std::remove(path().c_str());
        rmdir(folder_.c_str());
    }

    TestFile(const TestFile&) = delete;
    TestFile& operator=(const TestFile&) = delete;

    std::string path() const { return folder_ + "/file.bin"; }
    bool exists() const { return std::ifstream(path()).is_open(); }

    std::string read() const
    {
        std::ifstream in(path(), std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }
    void write(const std::string& content) const
    {
        std::ofstream(path(), std::ios::binary) << content;
    }

private:
    std::string folder_;
};

#endif
