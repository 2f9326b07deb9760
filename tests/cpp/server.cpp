#include "server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace {

int listen_anywhere()
{
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 ||
        bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, 16) != 0)
        throw std::runtime_error("no port to listen on");
    return listener;
}

// The number of bytes after the head.
std::size_t length_of_body(const std::string& head)
{
    const std::string name = "\r\ncontent-length: ";
    const std::size_t start = head.find(name);
    if (start == std::string::npos)
        return 0;
    return static_cast<std::size_t>(std::atol(head.c_str() + start + name.size()));
}

// Whether the body of a request has arrived. `end`: the end of its head.
bool has_body(const std::string& request, std::size_t end)
{
    const std::string head = request.substr(0, end + 2), last_chunk = "\r\n0\r\n\r\n";
    if (head.find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos)
        return request.find(last_chunk, end + 2) != std::string::npos;
    return request.size() >= end + 4 + length_of_body(head);
}

}  // namespace

Server::Server(std::vector<std::string> replies)
    : replies_(std::move(replies)),
      listener_(listen_anywhere()),
      acceptor_([this] { accept_all(); })
{
}

Server::~Server()
{
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (int connection : connections_)
        shutdown(connection, SHUT_RDWR);
    for (std::thread& worker : workers_)
        worker.join();
    for (int connection : connections_)
        close(connection);
    close(listener_);
}

std::string Server::url() const
{
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

std::vector<std::string> Server::requests() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
}

std::string Server::ok(const std::string& json)
{
    return reply("200 OK", json, "Content-Type: application/json\r\n");
}

std::string Server::reply(const std::string& status, const std::string& body,
                          const std::string& headers)
{
    return "HTTP/1.1 " + status + "\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void Server::accept_all()
{
    for (;;) {
        const int connection = accept(listener_, nullptr, nullptr);
        if (connection < 0)
            return;
        connections_.push_back(connection);
        workers_.emplace_back([this, connection] { serve(connection); });
    }
}

void Server::serve(int connection)
{
    std::string pending;
    while (read_request(connection, pending)) {
        const std::string reply = next(pending);
        pending.clear();
        if (send(connection, reply.data(), reply.size(), MSG_NOSIGNAL) < 0)
            return;
        if (reply.find("\r\nConnection: close\r\n") != std::string::npos)
            shutdown(connection, SHUT_WR);
    }
}

// A client sends the next request after the response to the previous one, so at most one is pending.
bool Server::read_request(int connection, std::string& pending)
{
    for (;;) {
        const std::size_t head = pending.find("\r\n\r\n");
        if (head != std::string::npos && has_body(pending, head))
            return true;
        char bytes[4096];
        const ssize_t count = recv(connection, bytes, sizeof bytes, 0);
        if (count <= 0)
            return false;
        pending.append(bytes, static_cast<std::size_t>(count));
    }
}

std::string Server::next(const std::string& request)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::string reply = replies_.at(std::min(requests_.size(), replies_.size() - 1));
    requests_.push_back(request);
    return reply;
}
