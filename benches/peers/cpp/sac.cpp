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

// With the functions of C, from node to node.
static void walk(const sac_response* response)
{
    double sum = 0, expected = 0;
    const sac_node list = sac_json_find(response, 0, "/" PEER_LIST);
    for (sac_node node = sac_json_first(response, list); node != 0; node = sac_json_next(response, node)) {
        peer_item item{};
        sac_node_int64(response, sac_json_find(response, node, "/id"), &item.id);
        sac_node_string(response, sac_json_find(response, node, "/name"), &item.name);
        sac_node_double(response, sac_json_find(response, node, "/price"), &item.price);
        sac_node_bool(response, sac_json_find(response, node, "/active"), &item.active);
        sac_node_string(response, sac_json_find(response, node, "/owner/login"), &item.login);
        sum += peer_sum(&item);
    }
    sac_json_double(response, "/sum", &expected);
    peer_check_sum(sum, expected);
}

void peer_call(const peer_plan* plan, void*)
{
    const sac::Response response =
        plan->mode == PEER_BINARY ? client->get_binary(plan->path) : client->get(plan->path);
    if (!response)
        peer_fail(response.error().message());
    std::string value;
    if (plan->mode == PEER_VALUE)
        value = response.get<std::string>("/" PEER_MEMBER, "");
    if (plan->mode == PEER_WALK)
        walk(response.c_api());
    peer_check(plan, response.status(), response.body().size(), value.c_str());
}
