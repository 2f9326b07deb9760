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

static void walk(const sac::Response& response)
{
    double sum = 0;
    for (const sac::Node node : response[PEER_LIST]) {
        peer_item item{};
        node["id"].get_to(item.id);
        item.name = node["name"].string().size();
        node["price"].get_to(item.price);
        node["active"].get_to(item.active);
        item.login = node["owner"]["login"].string().size();
        sum += peer_sum(&item);
    }
    peer_check_sum(sum, response["sum"].get<double>(0));
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
        walk(response);
    peer_check(plan, response.status(), response.body().size(), value.c_str());
}
