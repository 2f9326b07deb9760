/* libsac from C: one client with defaults for all threads. */
#include "peer.h"

#include <sac.h>

static sac_client *client;

void peer_start(const struct peer_plan *plan)
{
    sac_code code = sac_client_new(plan->base_url, &client);
    if (code != SAC_OK)
        peer_fail(sac_code_message(code));
}

void peer_stop(void) { sac_client_free(client); }

void *peer_open(const struct peer_plan *plan)
{
    (void)plan;
    return client;
}

void peer_close(void *own) { (void)own; }

/* The values that a program wants, by their names. */
static void walk(const sac_response *response)
{
    double sum = 0, expected = 0;
    sac_node list = sac_json_find(response, 0, "/" PEER_LIST);
    for (sac_node node = sac_json_first(response, list); node != 0; node = sac_json_next(response, node)) {
        struct peer_item item = {0, 0, 0, 0, false};
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

void peer_call(const struct peer_plan *plan, void *own)
{
    const char *value = NULL;
    sac_response *response = plan->mode == PEER_BINARY ? sac_get_binary(own, plan->path) : sac_get(own, plan->path);
    if (response->code != SAC_OK)
        peer_fail(response->error);
    if (plan->mode == PEER_VALUE)
        value = sac_json_string(response, "/" PEER_MEMBER, NULL);
    if (plan->mode == PEER_WALK)
        walk(response);
    peer_check(plan, response->status, response->body_len, value);
    sac_response_free(response);
}
