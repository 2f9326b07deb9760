/* A cancel ends calls: from another thread, from a signal handler, and before they start. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static sac_cancel *cancel;

static void on_alarm(int number)
{
    (void)number;
    sac_cancel_trigger(cancel);
}

typedef struct slow_call {
    const sac_client *client;
    sac_code code;
} slow_call;

static sac_request *cancellable_request(const char *path)
{
    sac_request *request = new_request("GET", path);
    CHECK_CODE(SAC_OK, sac_request_set_cancel(request, cancel));
    return request;
}

static void *call_slowly(void *argument)
{
    slow_call *call = argument;
    sac_request *request = NULL;
    call->code = sac_request_new("GET", "/v1/slow?ms=60000", &request);
    if (call->code == SAC_OK)
        call->code = sac_request_set_cancel(request, cancel);
    if (call->code == SAC_OK) {
        sac_response *response = sac_send(call->client, request);
        call->code = response->code;
        sac_response_free(response);
    }
    sac_request_free(request);
    return NULL;
}

static void check_threads(const sac_client *client)
{
    pthread_t threads[4];
    slow_call calls[4];
    need(sac_cancel_new(&cancel), "cancel");
    for (int i = 0; i < 4; i++) {
        calls[i] = (slow_call){client, SAC_ERR_INTERNAL};
        CHECK(pthread_create(&threads[i], NULL, call_slowly, &calls[i]) == 0);
    }
    CHECK(!sac_cancel_triggered(cancel));
    sac_cancel_trigger(cancel);
    CHECK(sac_cancel_triggered(cancel));
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK_CODE(SAC_ERR_CANCELLED, calls[i].code);
    }
    sac_cancel_free(cancel);
}

/* The request keeps its own reference to the cancel. */
static void check_before_it_starts(const sac_client *client)
{
    need(sac_cancel_new(&cancel), "cancel");
    sac_request *request = cancellable_request("/v1/items/1");
    sac_cancel_trigger(cancel);
    sac_cancel_trigger(cancel);
    sac_cancel_free(cancel);
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_ERR_CANCELLED, response->code);
    CHECK(response->attempts == 0);
    sac_response_free(response);

    /* Without the cancel, the request can be sent. */
    CHECK_CODE(SAC_OK, sac_request_set_cancel(request, NULL));
    CHECK_CODE(SAC_OK, code_of(sac_send(client, request)));
    sac_request_free(request);
}

/* The signal arrives in the thread that waits for the response. */
static void check_signal_handler(const sac_client *client)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    need(sac_cancel_new(&cancel), "cancel");
    sac_request *request = cancellable_request("/v1/slow?ms=60000");
    alarm(1);
    CHECK_CODE(SAC_ERR_CANCELLED, code_of(sac_send(client, request)));
    sac_request_free(request);
    sac_cancel_free(cancel);
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    CHECK_CODE(SAC_OK, sac_set_timeout_ms(client, 0));
    check_threads(client);
    check_before_it_starts(client);
    check_signal_handler(client);
    sac_client_free(client);
    return check_result();
}
