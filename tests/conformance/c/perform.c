#include "perform.h"
#include <stdio.h>
#include <stdlib.h>

static sac_code new_client(const test_case *c, const char *server, sac_client **out)
{
    char url[256];
    const char *base_url = text(c, "/base_url");
    const char *path = text(c, "/base_path");
    snprintf(url, sizeof url, "%s/%s%s", server, c->name, path ? path : "");
    return sac_client_new(base_url ? base_url : url, out);
}

/* Continues with a clone, and frees the original client. */
static sac_code clone(const test_case *c, outcome *out)
{
    sac_client *scope = sac_client_clone(out->client);
    sac_client_free(out->client);
    out->client = scope;
    return set_up(c, "clone", scope, &out->seen);
}

void perform(const test_case *c, const char *server, outcome *out)
{
    out->code = new_client(c, server, &out->client);
    if (out->code == SAC_OK)
        out->code = set_up(c, "client", out->client, &out->seen);
    if (out->code == SAC_OK && has(c, "/clone"))
        out->code = clone(c, out);
    if (out->code == SAC_OK)
        call(c, out);
}

void clear_outcome(outcome *out)
{
    sac_response_free(out->owned);
    sac_stream_free(out->stream);
    sac_client_free(out->client);
    free(out->seen.log.data);
}
