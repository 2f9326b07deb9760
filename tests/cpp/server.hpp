/// A server that plays raw answers, for one test each.
#ifndef SERVER_HPP
#define SERVER_HPP

#include <string>
#include <mutex>
#include <thread>
#include <vector>

/// Answers each request with the next of its answers, the last one again and again; an empty one
/// is silence. Ends with the object.
class Server {
public:
    explicit Server(std::vector<std::string> answers);
    ~Server();

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string url() const;

    /// The raw requests seen so far.
    std::vector<std::string> requests() const;

    static std::string ok(const std::string& json);
    /// `status` is a status line's code and phrase; `headers` are whole lines.
    static std::string reply(const std::string& status, const std::string& body,
                             const std::string& headers = "");

private:
    void accept_all();
    void serve(int connection);
    bool read_request(int connection, std::string& pending);
    std::string next(const std::string& request);

    const std::vector<std::string> answers_;
    int listener_;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::vector<int> connections_;
    std::vector<std::thread> servants_;
    std::thread acceptor_;
};

#endif
