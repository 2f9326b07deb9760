/* Sixteen threads share one client and one request, while others change the client's settings.
 * Every response must be complete, and the request must contain one of the two settings. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>

enum { SENDERS = 16, SETTERS = 2, CALLS = 8 };

typedef struct shared {
    sac_client *client;
    sac_request *request;
    pthread_mutex_t lock;
    int running_senders;
} shared;

typedef struct sender {
    shared *with;
    int number;
    int faults;
} sender;

/* CHECK counts in variables that belong to the main thread. */
static void count_fault(sender *self, bool fault, const char *what)
{
    if (fault) {
        self->faults++;
        fprintf(stderr, "sender %d: %s\n", self->number, what);
    }
}

static void check_response_of(sender *self, sac_response *response, const char *expected_query)
{
    const char *setting = sac_json_string(response, "/headers/x-setting", NULL);
    const char *query = sac_json_string(response, "/query/sender", NULL);
    count_fault(self, response->code != SAC_OK, response->error ? response->error : "");
    count_fault(self, setting && strcmp(setting, "even") != 0 && strcmp(setting, "odd") != 0,
                "the header has none of the two values");
    count_fault(self, !query || strcmp(query, expected_query) != 0,
                "the response belongs to another request");
    sac_response_free(response);
}

static void *send_all(void *argument)
{
    sender *self = argument;
    shared *with = self->with;
    char path[64], number[16];
    snprintf(number, sizeof number, "%d", self->number);
    snprintf(path, sizeof path, "/v1/echo?sender=%s", number);
    for (int i = 0; i < CALLS; i++) {
        check_response_of(self, sac_get(with->client, path), number);
        check_response_of(self, sac_send(with->client, with->request), "shared");
    }
    pthread_mutex_lock(&with->lock);
    with->running_senders--;
    pthread_mutex_unlock(&with->lock);
    return NULL;
}

static bool is_sending(shared *with)
{
    pthread_mutex_lock(&with->lock);
    bool sends = with->running_senders > 0;
    pthread_mutex_unlock(&with->lock);
    return sends;
}

static void *change_settings(void *argument)
{
    sender *self = argument;
    sac_client *client = self->with->client;
    for (int i = 0; is_sending(self->with); i++) {
        sac_code code = sac_add_header(client, "X-Setting", i % 2 ? "odd" : "even");
        code = code ? code : sac_add_cookie(client, "setting", i % 2 ? "odd" : "even");
        code = code ? code : sac_add_bearer(client, i % 2 ? "odd-token" : "even-token");
        code = code ? code : sac_set_timeout_ms(client, i % 2 ? 0 : 60000);
        code = code ? code : sac_set_redirects(client, (uint32_t)i % 3);
        code = code ? code : sac_remove_header(client, "X-Setting");
        count_fault(self, code != SAC_OK, sac_code_name(code));
        if (i % 8 == 0) {
            sac_client *scope = sac_client_clone(client);
            count_fault(self, !scope, "no clone");
            sac_client_reset(scope);
            sac_client_free(scope);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    shared with = {NULL, NULL, PTHREAD_MUTEX_INITIALIZER, SENDERS};
    pthread_t threads[SENDERS + SETTERS];
    sender senders[SENDERS + SETTERS];
    with.client = new_client(base_url_of(argc, argv));
    with.request = new_request("GET", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_add_query(with.request, "sender", "shared"));
    CHECK_CODE(SAC_OK, sac_set_timeout_ms(with.client, 60000));

    for (int i = 0; i < SENDERS + SETTERS; i++) {
        senders[i] = (sender){&with, i, 0};
        void *(*run)(void *) = i < SENDERS ? send_all : change_settings;
        if (pthread_create(&threads[i], NULL, run, &senders[i]) != 0) {
            perror("pthread_create");
            return EXIT_FAILURE;
        }
    }
    for (int i = 0; i < SENDERS + SETTERS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(senders[i].faults == 0);
    }
    sac_request_free(with.request);
    sac_client_free(with.client);
    return check_result();
}
