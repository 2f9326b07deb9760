/// A server that sends raw replies, for one test.
#ifndef SERVER_HPP
#define SERVER_HPP

#include <string>
#include <mutex>
#include <thread>
#include <vector>

/// Sends the next reply for each request, and repeats the last one. For an empty reply, it sends
/// nothing. A reply with `Connection: close` is the last one of its connection. Ends with the
/// object.
class Server {
public:
    explicit Server(std::vector<std::string> replies);
    ~Server();

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string url() const;

    /// The raw requests that were received so far.
    std::vector<std::string> requests() const;

    static std::string ok(const std::string& json);
    /// `status`: the code and the phrase of the status line. `headers`: complete lines.
    static std::string reply(const std::string& status, const std::string& body,
                             const std::string& headers = "");

private:
    void accept_all();
    void serve(int connection);
    bool read_request(int connection, std::string& pending);
    std::string next(const std::string& request);

    const std::vector<std::string> replies_;
    int listener_;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::vector<int> connections_;
    std::vector<std::thread> workers_;
    std::thread acceptor_;
};

#endif
