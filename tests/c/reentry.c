/* Callbacks that call the library, and objects that are freed while a request still uses them. */
#include "check.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 20 };

/* A call from a callback, with the same client. */
static void make_call(const sac_client *client)
{
    sac_response *response = sac_get(client, "/v1/items/1");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    int64_t id = 0;
    CHECK(sac_json_int64(response, "/id", &id) && id == 1);
    sac_response_free(response);
}

typedef struct context {
    sac_client *client;
    int depth;
    int calls;
} context;

static bool enter_once(context *context)
{
    context->calls++;
    if (context->depth > 0)
        return false;
    context->depth++;
    return true;
}

static bool call_from_data(void *userdata, const uint8_t *bytes, size_t len)
{
    context *context = userdata;
    (void)bytes, (void)len;
    if (enter_once(context)) {
        make_call(context->client);
        context->depth--;
    }
    return true;
}

static bool call_from_progress(void *userdata, uint64_t sent, uint64_t to_send, uint64_t received,
                               uint64_t to_receive)
{
    context *context = userdata;
    (void)sent, (void)to_send, (void)received, (void)to_receive;
    if (enter_once(context)) {
        make_call(context->client);
        context->depth--;
    }
    return true;
}

/* Changes the client of the running call, and makes a call with it. */
static void call_from_log(void *userdata, int32_t level, const char *message)
{
    context *context = userdata;
    (void)level, (void)message;
    if (enter_once(context)) {
        CHECK_CODE(SAC_OK, sac_add_header(context->client, "X-Heard", "1"));
        make_call(context->client);
        context->depth--;
    }
}

static bool call_from_retry(void *userdata, uint32_t attempt, int32_t code, int32_t status,
                            uint64_t wait_ms)
{
    context *context = userdata;
    (void)attempt, (void)code, (void)status, (void)wait_ms;
    if (enter_once(context)) {
        make_call(context->client);
        context->depth--;
    }
    return false;
}

static bool call_from_attempt(void *userdata, sac_attempt *attempt)
{
    context *context = userdata;
    if (enter_once(context)) {
        CHECK_CODE(SAC_OK, sac_set_attempt_callback(context->client, NULL, NULL));
        make_call(context->client);
        CHECK_CODE(SAC_OK, sac_attempt_set_header(attempt, "X-After", "1"));
        context->depth--;
    }
    return true;
}

static void check_callbacks(const char *base_url)
{
    context context = {new_client(base_url), 0, 0};
    sac_request *request = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_set_body(request, "text/plain", (const uint8_t *)"abc", 3));
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, call_from_data, &context));
    CHECK_CODE(SAC_OK, code_of(sac_send(context.client, request)));
    CHECK(context.calls > 0);
    context.calls = 0;
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, NULL, NULL));
    CHECK_CODE(SAC_OK, sac_request_set_progress_callback(request, call_from_progress, &context));
    CHECK_CODE(SAC_OK, code_of(sac_send(context.client, request)));
    CHECK(context.calls > 0);
    sac_request_free(request);

    context.calls = 0;
    CHECK_CODE(SAC_OK, sac_set_logger(context.client, call_from_log, &context, SAC_LOG_TRACE));
    make_call(context.client);
    CHECK(context.calls > 0);
    CHECK_CODE(SAC_OK, sac_set_logger(context.client, NULL, NULL, SAC_LOG_ERROR));

    context.calls = 0;
    CHECK_CODE(SAC_OK, sac_set_attempt_callback(context.client, call_from_attempt, &context));
    make_call(context.client);
    CHECK(context.calls == 1);

    context.calls = 0;
    CHECK_CODE(SAC_OK, sac_set_retry_attempts(context.client, 2));
    CHECK_CODE(SAC_OK, sac_set_retry_callback(context.client, call_from_retry, &context));
    CHECK(code_of(sac_get(context.client, "/v1/bad-gateway")) == SAC_ERR_STATUS);
    CHECK(context.calls == 1);
    sac_client_free(context.client);
}

/* Frees a client in a callback of a call of its clone. */
static bool free_client(void *userdata, const uint8_t *bytes, size_t len)
{
    sac_client **client = userdata;
    (void)bytes, (void)len;
    sac_client_free(*client);
    *client = NULL;
    return true;
}

static void check_freed_objects(const char *base_url)
{
    sac_client *client = new_client(base_url);
    sac_client *clone = sac_client_clone(client);
    sac_request *request = new_request("GET", "/v1/items/1");
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, free_client, &client));
    CHECK_CODE(SAC_OK, code_of(sac_send(clone, request)));
    CHECK(client == NULL);
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, NULL, NULL));

    /* The request keeps its own reference to one cancel, the last one. */
    sac_cancel *cancels[3] = {NULL, NULL, NULL};
    for (size_t i = 0; i < 3; i++) {
        CHECK_CODE(SAC_OK, sac_cancel_new(&cancels[i]));
        CHECK_CODE(SAC_OK, sac_request_set_cancel(request, cancels[i]));
        CHECK_CODE(SAC_OK, sac_request_set_cancel(request, cancels[i]));
    }
    sac_cancel_trigger(cancels[0]);
    for (size_t i = 0; i < 3; i++)
        sac_cancel_free(cancels[i]);
    CHECK_CODE(SAC_OK, code_of(sac_send(clone, request)));
    make_call(clone);
    sac_request_free(request);
    sac_client_free(clone);
}

/* A setter that fails leaves the object unchanged. */
static void check_use_after_failure(const char *base_url)
{
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_ERR_FILE, sac_set_ca_file(client, "/nowhere"));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_backoff_ms(client, 2, 1));
    CHECK_CODE(SAC_ERR_INVALID_URL, sac_set_proxy(client, "ftp://x"));
    sac_client *untouched = client;
    CHECK_CODE(SAC_ERR_INVALID_URL, sac_client_new("ftp://x", &untouched));
    CHECK(untouched == NULL);
    sac_request *request = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_set_json(request, "[1]"));
    CHECK_CODE(SAC_ERR_INVALID_JSON, sac_request_set_json(request, "[1"));
    CHECK_CODE(SAC_OK, sac_request_set_json(request, "[2]"));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_add_form_field(request, "a", "b"));
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_TEXT("[2]", sac_json_string(response, "/body", NULL));
    sac_response_free(response);
    sac_request_free(request);
    sac_client_free(client);
}

/* Creates, uses and frees clones while other threads do the same with the same client. */
static void *use_clones(void *argument)
{
    sac_client *const client = argument;
    size_t failures = 0;
    for (int i = 0; i < ROUNDS; i++) {
        sac_client *clone = sac_client_clone(client);
        failures += sac_add_header(client, "X-Shared", i % 2 ? "a" : "b") != SAC_OK;
        failures += sac_set_timeout_ms(clone, 20000) != SAC_OK;
        sac_response *response = sac_get(clone, "/v1/items/1");
        failures += response->code != SAC_OK;
        sac_client_free(clone);
        /* The response outlives the client. */
        int64_t id = 0;
        failures += !sac_json_int64(response, "/id", &id);
        sac_response_free(response);
    }
    return failures ? argument : NULL;
}

static void check_clones(const char *base_url)
{
    sac_client *client = new_client(base_url);
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, use_clones, client) == 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
    }
    sac_client_free(client);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    check_callbacks(base_url);
    check_freed_objects(base_url);
    check_use_after_failure(base_url);
    check_clones(base_url);
    return check_result();
}
