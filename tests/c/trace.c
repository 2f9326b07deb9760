/* The events of a call, and the TLS session of a response. */
#include "check.h"

typedef struct trace {
    const sac_client *client;
    char names[1000];
    int reused, refused;
} trace;

/* Appends the name of the event, and tries to make a call. */
static void on_event(void *userdata, const char *event_json)
{
    trace *trace = userdata;
    sac_response *event = sac_json_parse(event_json, strlen(event_json));
    CHECK_CODE(SAC_OK, event->code);
    strcat(trace->names, sac_json_string(event, "/event", NULL));
    strcat(trace->names, " ");
    bool reused = false;
    trace->reused += sac_json_bool(event, "/reused", &reused) && reused;
    sac_response_free(event);

    sac_response *inner = sac_get(trace->client, "/v1/items/1");
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, inner->code);
    CHECK(inner->attempts == 0);
    trace->refused++;
    sac_response_free(inner);
}

static void send_traced(const sac_client *client, sac_request *request)
{
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK(sac_response_tls(response) == NULL);
    sac_response_free(response);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    sac_client *client = new_client(base_url);
    sac_request *request = new_request("GET", "/v1/items/1");
    trace trace = {client, "", 0, 0};
    CHECK_CODE(SAC_OK, sac_request_set_trace_callback(request, on_event, &trace));

    send_traced(client, request);
    CHECK_TEXT("connection_wanted connect_started connect_done connection_ready head_sent "
               "request_sent first_byte ", trace.names);
    CHECK(trace.reused == 0 && trace.refused == 7);
    trace.names[0] = 0;
    send_traced(client, request);
    CHECK_TEXT("connection_wanted connection_ready head_sent request_sent first_byte ", trace.names);
    CHECK(trace.reused == 1);

    /* A stream has the same events, and outlives its request. */
    trace.names[0] = 0;
    sac_stream *stream = sac_stream_open(client, request);
    CHECK_CODE(SAC_OK, sac_request_set_trace_callback(request, NULL, NULL));
    CHECK_TEXT("connection_wanted connection_ready head_sent request_sent first_byte ", trace.names);
    sac_stream_free(stream);

    trace.names[0] = 0;
    send_traced(client, request);
    CHECK_TEXT("", trace.names);

    CHECK(sac_response_tls(NULL) == NULL);
    sac_request_free(request);
    sac_client_free(client);
    return check_result();
}
