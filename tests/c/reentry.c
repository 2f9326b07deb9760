/* Callbacks that call back into the library, and objects that go while a request still carries
 * them. */
#include "check.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 20 };

/* A request from within a callback, over the same client. */
static void ask_again(const sac_client *client)
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

static bool once(context *context)
{
    context->calls++;
    if (context->depth > 0)
        return false;
    context->depth++;
    return true;
}

static bool data_asks(void *userdata, const uint8_t *bytes, size_t len)
{
    context *context = userdata;
    (void)bytes, (void)len;
    if (once(context)) {
        ask_again(context->client);
        context->depth--;
    }
    return true;
}

static bool progress_asks(void *userdata, uint64_t sent, uint64_t to_send, uint64_t received,
                          uint64_t to_receive)
{
    context *context = userdata;
    (void)sent, (void)to_send, (void)received, (void)to_receive;
    if (once(context)) {
        ask_again(context->client);
        context->depth--;
    }
    return true;
}

/* Changes the client whose call it hears of, and asks by it. */
static void log_asks(void *userdata, int32_t level, const char *message)
{
    context *context = userdata;
    (void)level, (void)message;
    if (once(context)) {
        CHECK_CODE(SAC_OK, sac_add_header(context->client, "X-Heard", "1"));
        ask_again(context->client);
        context->depth--;
    }
}

static bool retry_asks(void *userdata, uint32_t attempt, int32_t code, int32_t status,
                       uint64_t wait_ms)
{
    context *context = userdata;
    (void)attempt, (void)code, (void)status, (void)wait_ms;
    if (once(context)) {
        ask_again(context->client);
        context->depth--;
    }
    return false;
}

static void check_callbacks(const char *base_url)
{
    context context = {new_client(base_url), 0, 0};
    sac_request *request = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_set_body(request, "text/plain", (const uint8_t *)"abc", 3));
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, data_asks, &context));
    CHECK_CODE(SAC_OK, code_of(sac_send(context.client, request)));
    CHECK(context.calls > 0);
    context.calls = 0;
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, NULL, NULL));
    CHECK_CODE(SAC_OK, sac_request_set_progress_callback(request, progress_asks, &context));
    CHECK_CODE(SAC_OK, code_of(sac_send(context.client, request)));
    CHECK(context.calls > 0);
    sac_request_free(request);

    context.calls = 0;
    CHECK_CODE(SAC_OK, sac_set_logger(context.client, log_asks, &context, SAC_LOG_TRACE));
    ask_again(context.client);
    CHECK(context.calls > 0);
    CHECK_CODE(SAC_OK, sac_set_logger(context.client, NULL, NULL, SAC_LOG_ERROR));

    context.calls = 0;
    CHECK_CODE(SAC_OK, sac_set_retry_attempts(context.client, 2));
    CHECK_CODE(SAC_OK, sac_set_retry_callback(context.client, retry_asks, &context));
    CHECK(code_of(sac_get(context.client, "/v1/bad-gateway")) == SAC_ERR_STATUS);
    CHECK(context.calls == 1);
    sac_client_free(context.client);
}

/* A client that is freed from within a callback of its own clone's call. */
static bool frees_the_other(void *userdata, const uint8_t *bytes, size_t len)
{
    sac_client **client = userdata;
    (void)bytes, (void)len;
    sac_client_free(*client);
    *client = NULL;
    return true;
}

static void check_objects_that_go(const char *base_url)
{
    sac_client *client = new_client(base_url);
    sac_client *clone = sac_client_clone(client);
    sac_request *request = new_request("GET", "/v1/items/1");
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, frees_the_other, &client));
    CHECK_CODE(SAC_OK, code_of(sac_send(clone, request)));
    CHECK(client == NULL);
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, NULL, NULL));

    /* The request keeps its own hold on the cancel, and on no more than one. */
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
    ask_again(clone);
    sac_request_free(request);
    sac_client_free(clone);
}

/* Fails, and the object is as good as before. */
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

/* Clones that are made, used and freed while others do the same with the one client. */
static void *clones(void *argument)
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
        CHECK(pthread_create(&threads[i], NULL, clones, client) == 0);
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
    check_objects_that_go(base_url);
    check_use_after_failure(base_url);
    check_clones(base_url);
    return check_result();
}
