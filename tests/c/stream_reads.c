/* Responses that are read while they arrive: bytes, events, lines and arrays. Bodies from a callback. */
#include "check.h"

#include <pthread.h>

static sac_stream *opened(const sac_client *client, const char *method, const char *path)
{
    sac_request *request = new_request(method, path);
    sac_stream *stream = sac_stream_open(client, request);
    sac_request_free(request);
    CHECK_RESPONSE(sac_stream_head(stream));
    return stream;
}

/* After the end, nothing more comes, and the code stays the same. */
static void check_end(sac_stream *stream, sac_code code)
{
    CHECK(sac_stream_next(stream) == NULL);
    CHECK(sac_stream_next(stream) == NULL);
    CHECK_CODE(code, sac_stream_code(stream));
    CHECK((sac_stream_error(stream) == NULL) == (code == SAC_OK));
    sac_stream_free(stream);
}

static void check_lines(const sac_client *client)
{
    sac_stream *stream = opened(client, "GET", "/v1/export");
    CHECK(sac_stream_head(stream)->status == 200 && sac_stream_head(stream)->body_len == 0);
    CHECK_TEXT("{}", sac_stream_head(stream)->json);
    CHECK_TEXT("application/x-ndjson", sac_response_header(sac_stream_head(stream), "content-type"));
    int64_t count = 0, repaired = 0;
    for (const sac_event *line; (line = sac_stream_next(stream)) != NULL;) {
        int64_t id = 0;
        const sac_response *order = sac_event_json(line);
        CHECK_RESPONSE(order);
        CHECK(order == sac_event_json(line));
        CHECK_CODE(SAC_OK, order->code);
        CHECK(sac_json_int64(order, "/id", &id) && id == ++count);
        repaired += order->json_state == SAC_JSON_REPAIRED;
        CHECK_TEXT("", line->type);
        CHECK_TEXT("", line->id);
        CHECK(strlen(line->data) == line->data_len && line->data[0] == '{');
    }
    CHECK(count == 1000 && repaired == 1);
    check_end(stream, SAC_OK);
}

static void check_array(const sac_client *client)
{
    sac_stream *stream = opened(client, "GET", "/v1/readings?count=5000");
    int64_t count = 0, at = 0;
    for (const sac_event *reading; (reading = sac_stream_next(stream)) != NULL; count++) {
        if (count % 1000 == 0)
            CHECK(sac_json_int64(sac_event_json(reading), "/at", &at) && at == count + 1);
    }
    CHECK(count == 5000);
    check_end(stream, SAC_OK);

    stream = opened(client, "GET", "/v1/readings?count=100000");
    CHECK(sac_stream_next(stream) != NULL);
    sac_stream_free(stream);
}

static void check_events(const sac_client *client)
{
    sac_request *request = new_request("POST", "/v1/chat");
    CHECK_CODE(SAC_OK, sac_request_json_string(request, "/prompt", "two words"));
    CHECK_CODE(SAC_OK, sac_request_set_records(request, SAC_RECORDS_EVENTS));
    sac_stream *stream = sac_stream_open(client, request);
    sac_request_free(request);
    char answer[100] = "";
    const sac_event *event = sac_stream_next(stream);
    for (; event && strcmp(event->data, "[DONE]") != 0; event = sac_stream_next(stream)) {
        CHECK_TEXT("message", event->type);
        strcat(answer, sac_json_string(sac_event_json(event), "/text", NULL));
    }
    CHECK_TEXT("You said: two words", answer);
    CHECK_CODE(SAC_OK, sac_event_json(event)->code);
    check_end(stream, SAC_OK);

    /* A response that is not of their type has no events, but its bytes can be read. */
    request = new_request("GET", "/v1/readings");
    CHECK_CODE(SAC_OK, sac_request_set_records(request, SAC_RECORDS_EVENTS));
    stream = sac_stream_open(client, request);
    CHECK(sac_stream_next(stream) == NULL);
    CHECK(strstr(sac_stream_error(stream), "application/json") != NULL);
    check_end(stream, SAC_ERR_PROTOCOL);
    stream = sac_stream_open(client, request);
    sac_request_free(request);
    uint8_t byte = 0;
    size_t read = 0;
    CHECK_CODE(SAC_OK, sac_stream_read(stream, &byte, 1, &read));
    CHECK(read == 1 && byte == '[');
    sac_stream_free(stream);
}

static void check_reconnection(const sac_client *client, const char *last, int first)
{
    sac_request *request = new_request("GET", "/v1/log");
    CHECK_CODE(SAC_OK, sac_request_set_last_event_id(request, last));
    CHECK_CODE(SAC_OK, sac_request_set_retry_attempts(request, 2));
    sac_stream *stream = sac_stream_open(client, request);
    sac_request_free(request);
    int id = first;
    char expected[32];
    for (const sac_event *event; (event = sac_stream_next(stream)) != NULL; id++) {
        snprintf(expected, sizeof expected, "line %d of the log", id);
        CHECK_TEXT(expected, event->data);
        snprintf(expected, sizeof expected, "%d", id);
        CHECK_TEXT(expected, event->id);
        CHECK_TEXT("line", event->type);
    }
    CHECK(id == 7);
    check_end(stream, SAC_OK);

    stream = opened(client, "GET", "/v1/log");
    CHECK(sac_stream_next(stream) && sac_stream_next(stream));
    check_end(stream, SAC_ERR_CLOSED);
}

static void check_bytes(const sac_client *client)
{
    sac_stream *stream = opened(client, "GET", "/v1/download?bytes=1000000");
    uint8_t buffer[1009];
    size_t total = 0, read = 0;
    bool same = true;
    CHECK_CODE(SAC_OK, sac_stream_read(stream, buffer, 0, &read));
    CHECK(read == 0);
    while (sac_stream_read(stream, buffer, sizeof buffer, &read) == SAC_OK && read > 0) {
        for (size_t i = 0; i < read; i++)
            same = same && buffer[i] == (total + i) % 251;
        total += read;
    }
    CHECK(same && total == 1000000);
    check_end(stream, SAC_OK);

    /* A record cannot begin in the middle of one. */
    stream = opened(client, "GET", "/v1/readings");
    CHECK_CODE(SAC_OK, sac_stream_read(stream, buffer, 3, &read));
    CHECK(read > 0);
    CHECK(sac_stream_next(stream) == NULL);
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_stream_read(stream, buffer, 3, &read));
    check_end(stream, SAC_ERR_INVALID_ARGUMENT);

    stream = opened(client, "GET", "/v1/readings");
    CHECK(sac_stream_next(stream) != NULL);
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_stream_read(stream, buffer, sizeof buffer, &read));
    CHECK_CODE(SAC_OK, sac_stream_code(stream));
    CHECK(sac_stream_next(stream) != NULL);
    sac_stream_free(stream);
}

static void check_errors(const sac_client *client)
{
    uint8_t byte = 0;
    size_t read = 7;
    sac_stream *stream = opened(client, "GET", "/v1/nothing");
    CHECK(sac_stream_head(stream)->status == 404);
    CHECK_TEXT("there is nothing at /v1/nothing", sac_json_string(sac_stream_head(stream), "/error", NULL));
    CHECK_CODE(SAC_ERR_STATUS, sac_stream_read(stream, &byte, 1, &read));
    CHECK(read == 7);
    check_end(stream, SAC_ERR_STATUS);

    /* A raw stream has the body of the error. */
    sac_request *raw = new_request("GET", "/v1/nothing");
    CHECK_CODE(SAC_OK, sac_request_set_raw(raw, true));
    stream = sac_stream_open(client, raw);
    CHECK_CODE(SAC_ERR_STATUS, sac_stream_head(stream)->code);
    CHECK(sac_stream_head(stream)->body_len == 0);
    CHECK_CODE(SAC_OK, sac_stream_read(stream, &byte, 1, &read));
    CHECK(read == 1 && byte == '{');
    sac_stream_free(stream);
    CHECK_CODE(SAC_OK, sac_request_set_raw(raw, false));
    sac_request_free(raw);
    read = 7;

    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_stream_code(NULL));
    CHECK(!sac_stream_head(NULL) && !sac_stream_next(NULL) && !sac_stream_error(NULL));
    CHECK(!sac_event_json(NULL));
    sac_stream_free(NULL);
    stream = sac_stream_open(client, NULL);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_stream_head(stream)->code);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_stream_read(stream, NULL, 1, &read));
    check_end(stream, SAC_ERR_NULL_ARGUMENT);
    sac_request *request = new_request("GET", "/");
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_records(request, 4));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_records(request, -1));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_last_event_id(request, "1\n2"));
    CHECK_CODE(SAC_OK, sac_request_set_output_file(request, "/nowhere"));
    stream = sac_stream_open(client, request);
    sac_request_free(request);
    check_end(stream, SAC_ERR_INVALID_ARGUMENT);
}

/* Half of the streams are freed early, so that their connections are closed. The others keep one. */
static void check_many(const char *base_url)
{
    sac_client *client = new_client(base_url);
    for (int i = 0; i < 1000; i++) {
        const char *path = i % 2 == 0 ? "/v1/readings?count=30" : "/v1/readings?count=50000";
        sac_stream *stream = opened(client, "GET", path);
        size_t count = 0;
        while ((count < 3 || i % 2 == 0) && sac_stream_next(stream))
            count++;
        CHECK(count == (i % 2 == 0 ? 30 : 3));
        CHECK_CODE(SAC_OK, sac_stream_code(stream));
        sac_stream_free(stream);
    }
    char *text = NULL;
    int64_t opened_connections = 0;
    CHECK_CODE(SAC_OK, sac_client_stats(client, &text));
    sac_response *stats = sac_json_parse(text, strlen(text));
    CHECK(sac_json_int64(stats, "/connections_opened", &opened_connections));
    CHECK(opened_connections >= 500 && opened_connections <= 502);
    sac_response_free(stats);
    sac_string_free(text);
    sac_client_free(client);
}

static void *trigger(void *cancel)
{
    sac_cancel_trigger(cancel);
    return NULL;
}

static void check_cancel(const sac_client *client)
{
    sac_cancel *cancel = NULL;
    pthread_t thread;
    CHECK_CODE(SAC_OK, sac_cancel_new(&cancel));
    sac_request *request = new_request("GET", "/v1/readings?count=10000000");
    CHECK_CODE(SAC_OK, sac_request_set_cancel(request, cancel));
    sac_stream *stream = sac_stream_open(client, request);
    sac_request_free(request);
    CHECK(sac_stream_next(stream) != NULL);
    CHECK(pthread_create(&thread, NULL, trigger, cancel) == 0);
    while (sac_stream_next(stream))
        ;
    pthread_join(thread, NULL);
    check_end(stream, SAC_ERR_CANCELLED);
    sac_cancel_free(cancel);
}

struct text {
    const char *bytes;
    size_t sent;
    int begun;
};

static int64_t write_text(void *userdata, uint8_t *buffer, size_t size)
{
    struct text *text = userdata;
    size_t length = strlen(text->bytes + text->sent);
    /* A little at a time. */
    size_t count = length < 3 ? length : 3;
    if (count > size)
        count = size;
    memcpy(buffer, text->bytes + text->sent, count);
    text->sent += count;
    return (int64_t)count;
}

static bool begin_again(void *userdata)
{
    struct text *text = userdata;
    text->sent = 0;
    text->begun++;
    return true;
}

static int64_t give_up(void *userdata, uint8_t *buffer, size_t size)
{
    (void)userdata, (void)buffer, (void)size;
    return -1;
}

static void check_uploads(const sac_client *client)
{
    static const char BODY[] = "a body that is written while it is sent";
    for (int known = 0; known < 2; known++) {
        struct text text = {BODY, 0, 0};
        sac_request *request = new_request("PUT", "/v1/echo");
        int64_t length = known ? (int64_t)strlen(BODY) : -1;
        CHECK_CODE(SAC_OK, sac_request_set_body_callback(request, "text/x-own", length, write_text, &text));
        CHECK_CODE(SAC_OK, sac_request_set_rewind_callback(request, begin_again, &text));
        sac_response *response = sac_send(client, request);
        CHECK_RESPONSE(response);
        CHECK_TEXT(BODY, sac_json_string(response, "/body", NULL));
        CHECK_TEXT("text/x-own", sac_json_string(response, "/headers/content-type", NULL));
        CHECK_TEXT(known ? NULL : "chunked", sac_json_string(response, "/headers/transfer-encoding", NULL));
        CHECK(text.begun == 0);
        sac_response_free(response);
        sac_request_free(request);
    }

    struct text text = {BODY, 0, 0};
    sac_request *request = new_request("PUT", "/v1/flaky?key=body-callback");
    CHECK_CODE(SAC_OK, sac_request_set_retry_attempts(request, 2));
    CHECK_CODE(SAC_OK, sac_request_set_body_callback(request, "text/plain", -1, write_text, &text));
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_send(client, request)));
    CHECK_CODE(SAC_OK, sac_request_set_rewind_callback(request, begin_again, &text));
    text.sent = 0;
    CHECK_CODE(SAC_OK, code_of(sac_send(client, request)));
    CHECK(text.begun == 1);
    sac_request_free(request);

    request = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_body_callback(request, NULL, -1, give_up, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_body_callback(NULL, NULL, -1, NULL, NULL));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_body_callback(request, "a/b", -2, give_up, NULL));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_body_callback(request, "a\nb", -1, give_up, NULL));
    CHECK_CODE(SAC_OK, sac_request_set_body_callback(request, "a/b", -1, give_up, NULL));
    CHECK_CODE(SAC_ERR_CANCELLED, code_of(sac_send(client, request)));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_json(request, "{}"));

    /* NULL removes the body of a callback, and no other one. */
    CHECK_CODE(SAC_OK, sac_request_set_body_callback(request, NULL, -2, NULL, NULL));
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_TEXT("", sac_json_string(response, "/body", NULL));
    CHECK_TEXT(NULL, sac_json_string(response, "/headers/content-type", NULL));
    sac_response_free(response);
    CHECK_CODE(SAC_OK, sac_request_set_json(request, "{\"a\":1}"));
    CHECK_CODE(SAC_OK, sac_request_set_body_callback(request, NULL, 0, NULL, NULL));
    response = sac_send(client, request);
    CHECK_TEXT("{\"a\":1}", sac_json_string(response, "/body", NULL));
    sac_response_free(response);
    sac_request_free(request);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    sac_client *client = new_client(base_url);
    check_lines(client);
    check_array(client);
    check_events(client);
    check_reconnection(client, "", 1);
    check_reconnection(client, "4", 5);
    check_bytes(client);
    check_errors(client);
    check_cancel(client);
    check_uploads(client);
    check_many(base_url);
    sac_client_free(client);
    return check_result();
}
