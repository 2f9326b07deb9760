// libsac from C++: one client with defaults for all threads.
#include "peer.h"

#include <sac.hpp>

#include <memory>
#include <string>

namespace {
std::unique_ptr<sac::Client> client;
}

void peer_start(const peer_plan* plan)
{
    client.reset(new sac::Client(plan->base_url));
}

void peer_stop()
{
    client.reset();
}

void* peer_open(const peer_plan*)
{
    return client.get();
}

void peer_close(void*) {}

void peer_call(const peer_plan* plan, void*)
{
    const sac::Response response =
        plan->mode == PEER_BINARY ? client->get_binary(plan->path) : client->get(plan->path);
    if (!response)
        peer_fail(response.error().message());
    std::string value;
    if (plan->mode == PEER_VALUE)
        value = response.get<std::string>("/" PEER_MEMBER, "");
    peer_check(plan, response.status(), response.body().size(), value.c_str());
}
