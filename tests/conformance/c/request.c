#include "perform.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 16 };

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *name;
    sac_response *(*call)(const sac_client *client, const char *path);
} plain_calls[] = {
    {"get", sac_get},
    {"get_binary", sac_get_binary},
    {"delete", sac_delete},
};

static const struct {
    const char *name;
    sac_response *(*call)(const sac_client *client, const char *path, const char *json);
} json_calls[] = {
    {"post_json", sac_post_json},
    {"put_json", sac_put_json},
    {"patch_json", sac_patch_json},
};

static const struct {
    const char *name;
    sac_code (*add)(sac_request *request, const char *name, const char *value);
} pairs[] = {
    {"query", sac_request_add_query},
    {"headers", sac_request_set_header},
    {"form", sac_request_add_form_field},
};

static sac_response *post_form(const test_case *c, const sac_client *client, const char *path)
{
    const char *fields[2 * MAX_FIELDS + 1] = {NULL};
    size_t length = count(c, "/request/form");
    for (size_t i = 0; i < length && i < MAX_FIELDS; i++) {
        fields[2 * i] = text(c, "/request/form/%zu/0", i);
        fields[2 * i + 1] = text(c, "/request/form/%zu/1", i);
    }
    return sac_post_form(client, path, fields);
}

static sac_response *call_by_name(const test_case *c, const sac_client *client, const char *name)
{
    const char *path = text(c, "/request/path");
    for (size_t i = 0; i < LENGTH(plain_calls); i++)
        if (strcmp(name, plain_calls[i].name) == 0)
            return plain_calls[i].call(client, path);
    for (size_t i = 0; i < LENGTH(json_calls); i++)
        if (strcmp(name, json_calls[i].name) == 0)
            return json_calls[i].call(client, path, text(c, "/request/json"));
    if (strcmp(name, "post_form") == 0)
        return post_form(c, client, path);
    fprintf(stderr, "%s: there is no call %s\n", c->name, name);
    exit(EXIT_FAILURE);
}

static sac_code set_pairs(const test_case *c, sac_request *request)
{
    sac_code code = SAC_OK;
    for (size_t p = 0; p < LENGTH(pairs); p++) {
        size_t length = count(c, "/request/%s", pairs[p].name);
        for (size_t i = 0; i < length && code == SAC_OK; i++)
            code = pairs[p].add(request, text(c, "/request/%s/%zu/0", pairs[p].name, i),
                                text(c, "/request/%s/%zu/1", pairs[p].name, i));
    }
    return code;
}

static sac_code set_body(const test_case *c, sac_request *request)
{
    if (has(c, "/request/json"))
        return sac_request_set_json(request, text(c, "/request/json"));
    if (!has(c, "/request/body_base64"))
        return SAC_OK;
    bytes body = decode_base64(text(c, "/request/body_base64"));
    sac_code code = sac_request_set_body(request, text(c, "/request/content_type"), body.data,
                                         body.length);
    free(body.data);
    return code;
}

static sac_code set_key(const test_case *c, sac_request *request)
{
    if (!has(c, "/request/idempotency_key"))
        return SAC_OK;
    return sac_request_set_idempotency_key(request, text(c, "/request/idempotency_key"));
}

static sac_records kind_of_records(const char *name)
{
    static const char *const names[] = {"auto", "events", "lines", "array"};
    for (size_t i = 0; i < LENGTH(names); i++)
        if (strcmp(name, names[i]) == 0)
            return (sac_records)i;
    fprintf(stderr, "there are no records of the kind %s\n", name);
    exit(EXIT_FAILURE);
}

static sac_code set_stream(const test_case *c, sac_request *request)
{
    sac_code code = SAC_OK;
    if (has(c, "/request/records"))
        code = sac_request_set_records(request, kind_of_records(text(c, "/request/records")));
    if (code == SAC_OK && has(c, "/request/last_event_id"))
        code = sac_request_set_last_event_id(request, text(c, "/request/last_event_id"));
    return code;
}

static sac_code set_cancelled(sac_request *request)
{
    sac_cancel *cancel = NULL;
    sac_code code = sac_cancel_new(&cancel);
    if (code == SAC_OK)
        code = sac_request_set_cancel(request, cancel);
    sac_cancel_trigger(cancel);
    sac_cancel_free(cancel);
    return code;
}

static sac_code make_request(const test_case *c, sac_request **out)
{
    sac_code code = sac_request_new(text(c, "/request/method"), text(c, "/request/path"), out);
    if (code == SAC_OK)
        code = set_pairs(c, *out);
    if (code == SAC_OK)
        code = set_body(c, *out);
    if (code == SAC_OK)
        code = set_settings_of_request(c, "request", *out);
    if (code == SAC_OK)
        code = set_key(c, *out);
    if (code == SAC_OK)
        code = set_stream(c, *out);
    if (code == SAC_OK && truth(c, "/request/cancelled"))
        code = set_cancelled(*out);
    return code;
}

/* Sends the request, or opens its stream. */
static void send_request(const test_case *c, const sac_request *request, outcome *out)
{
    if (truth(c, "/request/stream")) {
        out->stream = sac_stream_open(out->client, request);
        out->response = sac_stream_head(out->stream);
    } else {
        out->response = out->owned = sac_send(out->client, request);
    }
    out->code = out->response->code;
}

void call(const test_case *c, outcome *out)
{
    const char *name = text(c, "/request/call");
    if (name) {
        out->response = out->owned = call_by_name(c, out->client, name);
        out->code = out->response->code;
        return;
    }
    sac_request *request = NULL;
    out->code = make_request(c, &request);
    if (out->code == SAC_OK)
        send_request(c, request, out);
    sac_request_free(request);
}
