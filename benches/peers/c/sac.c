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

void peer_call(const struct peer_plan *plan, void *own)
{
    const char *value = NULL;
    sac_response *response = plan->mode == PEER_BINARY ? sac_get_binary(own, plan->path) : sac_get(own, plan->path);
    if (response->code != SAC_OK)
        peer_fail(response->error);
    if (plan->mode == PEER_VALUE)
        value = sac_json_string(response, "/" PEER_MEMBER, NULL);
    peer_check(plan, response->status, response->body_len, value);
    sac_response_free(response);
}
