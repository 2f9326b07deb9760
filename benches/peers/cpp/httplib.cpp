// cpp-httplib: one client for each thread, which keeps its connection.
#include "peer.h"

#include <httplib.h>

#include <cstdlib>

void peer_start(const peer_plan*) {}
void peer_stop() {}

void* peer_open(const peer_plan* plan)
{
    auto* client = new httplib::Client(plan->base_url);
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_connection_timeout(10);
    client->set_read_timeout(30);
    client->set_default_headers({{"Accept", plan->mode == PEER_BINARY ? PEER_ACCEPT_BINARY : PEER_ACCEPT_JSON}});
    if (const char* file = std::getenv("SSL_CERT_FILE"))
        client->set_ca_cert_path(file);
    return client;
}

void peer_close(void* own)
{
    delete static_cast<httplib::Client*>(own);
}

void peer_call(const peer_plan* plan, void* own)
{
    const httplib::Result result = static_cast<httplib::Client*>(own)->Get(plan->path);
    if (!result)
        peer_fail(httplib::to_string(result.error()).c_str());
    peer_check(plan, result->status, result->body.size(), nullptr);
}
