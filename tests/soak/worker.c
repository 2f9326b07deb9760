#define _GNU_SOURCE
#include "worker.h"
#include "streams.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STORED_SIZE = 1024, CHILD_REQUESTS = 3, BATCH = 3 };

/* The largest number of faults that are printed. */
enum { MAX_REPORTED = 20 };

/* A kind of response: its possible results, and the settings of its request. */
typedef struct kind {
    const char *name, *method;
    uint64_t timeout_ms; /* 0: that of the client */
    uint32_t retries;
    sac_code also; /* in addition to SAC_OK, which `never_ok` excludes */
    bool never_ok;
} kind;

static const kind KINDS[] = {
    {"plain", "GET", 0, 0, SAC_OK, false},
    {"plain", "POST", 0, 0, SAC_OK, false},
    {"plain", "PUT", 0, 0, SAC_OK, false},
    {"plain", "HEAD", 0, 0, SAC_OK, false},
    {"gzip", "GET", 0, 0, SAC_OK, false},
    {"chunked", "GET", 0, 0, SAC_OK, false},
    {"drip", "GET", 0, 0, SAC_OK, false},
    {"hints", "GET", 0, 0, SAC_OK, false},
    {"broken", "GET", 0, 0, SAC_OK, false},
    {"redirect", "GET", 0, 0, SAC_OK, false},
    {"redirect", "POST", 0, 0, SAC_OK, false},
    {"closing", "GET", 0, 0, SAC_OK, false},
    {"leaving", "GET", 0, 0, SAC_OK, false},
    {"surplus", "GET", 0, 0, SAC_OK, false},
    {"reset", "GET", 0, 1, SAC_ERR_CLOSED, false},
    {"limited", "GET", 0, 2, SAC_ERR_RATE_LIMITED, false},
    {"limited", "POST", 0, 2, SAC_ERR_RATE_LIMITED, false},
    {"busy", "GET", 0, 1, SAC_ERR_STATUS, false},
    {"missing", "GET", 0, 1, SAC_ERR_STATUS, true},
    {"cut", "GET", 0, 0, SAC_ERR_CLOSED, true},
    {"stall", "GET", 60, 0, SAC_ERR_TIMEOUT, true},
    {"trickle", "GET", 60, 0, SAC_ERR_TIMEOUT, true},
};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

void report_fault(soak *with, const char *format, ...)
{
    va_list values;
    if (atomic_fetch_add(&with->done.faults, 1) >= MAX_REPORTED)
        return;
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
}

unsigned random_below(unsigned *chance, unsigned below)
{
    *chance ^= *chance << 13;
    *chance ^= *chance >> 17;
    *chance ^= *chance << 5;
    return *chance % below;
}

void new_id(soak *with, char id[ID_SIZE])
{
    snprintf(id, ID_SIZE, "%d-%lu", (int)getpid(), atomic_fetch_add(&with->next_id, 1));
}

/* A request of this kind; NULL after a fault if it cannot be created. */
static sac_request *new_request(soak *with, const kind *of, const char *id)
{
    char path[PATH_SIZE];
    sac_request *request = NULL;
    snprintf(path, sizeof path, "/%s/%s", of->name, id);
    sac_code code = sac_request_new(of->method, path, &request);
    if (of->method[0] == 'P')
        code = code ? code : sac_request_set_json(request, "{\"text\": [1, 2, 3]}");
    if (of->timeout_ms)
        code = code ? code : sac_request_set_timeout_ms(request, of->timeout_ms);
    code = code ? code : sac_request_set_retry_attempts(request, of->retries);
    code = code ? code : sac_request_set_backoff_ms(request, 1, 4);
    if (code)
        report_fault(with, "a request for %s: %s", path, sac_code_name(code));
    return request;
}

/* Whether `received` is the ID of the request, or missing. */
static bool is_id(const char *received, const char *id)
{
    return !received || strcmp(received, id) == 0;
}

/* Checks a response: it is valid, belongs to this request, and has one of the expected results. */
static void check_response(soak *with, const kind *of, const char *id, const sac_response *response,
                           bool may_be_cancelled)
{
    bool ok = response->code == SAC_OK, is_head = strcmp(of->method, "HEAD") == 0;
    /* The server closed a kept connection, and a request that is not idempotent is not sent again. */
    bool is_lost = response->code == SAC_ERR_CLOSED && strcmp(of->method, "POST") == 0;
    const char *in_json = sac_json_string(response, "/id", NULL);
    atomic_fetch_add(&with->done.requests, 1);
    atomic_fetch_add(ok ? &with->done.ok : &with->done.failed_as_expected, 1);
    atomic_fetch_add(&with->done.retried, response->attempts > 1);
    if (strlen(response->json) != response->json_len || ok != !response->error ||
        sac_json_type_of(response, "") == SAC_JSON_TYPE_MISSING)
        report_fault(with, "%s %s: the response is not valid: %s", of->name, id, response->json);
    if (!is_id(in_json, id) || !is_id(sac_response_header(response, "x-id"), id))
        report_fault(with, "%s %s: the response belongs to another request: %s", of->name, id,
                     response->json);
    if (ok && !in_json && !is_head)
        report_fault(with, "%s %s: the response has no id: %s", of->name, id, response->json);
    if (response->code == SAC_ERR_CANCELLED && may_be_cancelled)
        atomic_fetch_add(&with->done.cancelled, 1);
    else if (ok ? of->never_ok : response->code != of->also && !is_lost)
        report_fault(with, "%s %s: %s, %s", of->name, id, sac_code_name(response->code),
                     response->json);
}

static void send_one(soak *with, const sac_client *client, const kind *of)
{
    char id[ID_SIZE];
    new_id(with, id);
    sac_request *request = new_request(with, of, id);
    sac_response *response = sac_send(client, request);
    check_response(with, of, id, response, false);
    /* With this sabotage, one in a hundred responses is not freed. */
    if (with->sabotage != LEAKED_MEMORY || atomic_load(&with->next_id) % 100)
        sac_response_free(response);
    sac_request_free(request);
}

/* Sends a request that another thread may cancel at any time. */
static void send_cancellable(soak *with, unsigned number, const kind *of)
{
    char id[ID_SIZE];
    sac_cancel *cancel = NULL;
    if (sac_cancel_new(&cancel) != SAC_OK) {
        report_fault(with, "a cancel cannot be created");
        return;
    }
    new_id(with, id);
    sac_request *request = new_request(with, of, id);
    sac_request_set_cancel(request, cancel);
    pthread_mutex_lock(&with->lock);
    with->cancels[number] = cancel;
    pthread_mutex_unlock(&with->lock);
    sac_response *response = sac_send(with->client, request);
    pthread_mutex_lock(&with->lock);
    with->cancels[number] = NULL;
    pthread_mutex_unlock(&with->lock);
    check_response(with, of, id, response, true);
    sac_response_free(response);
    sac_request_free(request);
    sac_cancel_free(cancel);
}

static void send_batch(soak *with, unsigned *chance)
{
    const kind *kinds[BATCH];
    char ids[BATCH][ID_SIZE];
    sac_request *requests[BATCH];
    for (int i = 0; i < BATCH; i++) {
        kinds[i] = &KINDS[random_below(chance, KIND_COUNT)];
        new_id(with, ids[i]);
        requests[i] = new_request(with, kinds[i], ids[i]);
    }
    sac_response **responses =
        sac_send_all(with->client, (const sac_request *const *)requests, BATCH, 2);
    for (int i = 0; i < BATCH; i++) {
        check_response(with, kinds[i], ids[i], responses[i], false);
        sac_request_free(requests[i]);
    }
    sac_responses_free(responses, BATCH);
}

typedef struct stored {
    char bytes[STORED_SIZE];
    size_t length;
} stored;

static bool store(void *userdata, const uint8_t *bytes, size_t length)
{
    stored *into = userdata;
    if (length >= STORED_SIZE - into->length)
        return false;
    memcpy(into->bytes + into->length, bytes, length);
    into->length += length;
    into->bytes[into->length] = '\0';
    return true;
}

/* The body goes to a callback. */
static void send_streamed(soak *with)
{
    char id[ID_SIZE], wanted[ID_SIZE + 16];
    stored into = {"", 0};
    new_id(with, id);
    snprintf(wanted, sizeof wanted, "{\"id\":\"%s\",", id);
    sac_request *request = new_request(with, &KINDS[4], id);
    sac_request_set_output_callback(request, store, &into);
    sac_response *response = sac_send(with->client, request);
    atomic_fetch_add(&with->done.requests, 1);
    atomic_fetch_add(&with->done.ok, response->code == SAC_OK);
    if (response->code != SAC_OK || strncmp(into.bytes, wanted, strlen(wanted)) != 0)
        report_fault(with, "streamed %s: %s, %s", id, response->json, into.bytes);
    sac_response_free(response);
    sac_request_free(request);
}

/* Changes settings that do not affect the result of a request. */
static void change_settings(soak *with, sac_client *client, unsigned *chance)
{
    char value[ID_SIZE];
    snprintf(value, sizeof value, "value-%u", random_below(chance, 1000));
    sac_code codes[] = {
        sac_add_header(client, "X-Setting", value),
        sac_add_cookie(client, "setting", value),
        sac_add_bearer(client, value),
        sac_set_user_agent(client, random_below(chance, 2) ? value : NULL),
        sac_set_redirects(client, 3 + random_below(chance, 5)),
        sac_set_cookie_jar(client, random_below(chance, 2)),
        sac_set_rate_limit(client, random_below(chance, 2) ? 1000000 : 0, 1000, 100000),
        sac_remove_header(client, "X-Setting"),
        sac_remove_cookie(client, "setting"),
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] != SAC_OK)
            report_fault(with, "setting %zu: %s", i, sac_code_name(codes[i]));
    atomic_fetch_add(&with->done.settings, sizeof codes / sizeof *codes);
}

static void use_clone(soak *with, unsigned *chance)
{
    sac_client *scope = sac_client_clone(with->client);
    if (!scope) {
        report_fault(with, "a clone cannot be created");
        return;
    }
    change_settings(with, scope, chance);
    send_one(with, scope, &KINDS[random_below(chance, KIND_COUNT)]);
    sac_client_reset(scope);
    sac_client_free(scope);
    atomic_fetch_add(&with->done.clones, 1);
}

static void *wait_forever(void *nothing)
{
    pause();
    return nothing;
}

static void leak(sabotage what)
{
    pthread_t thread;
    if (what == LEAKED_DESCRIPTOR && open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
        perror("/dev/null");
    if (what == LEAKED_THREAD && pthread_create(&thread, NULL, wait_forever, NULL) == 0)
        pthread_detach(thread);
}

void *work(void *worker_argument)
{
    worker *self = worker_argument;
    soak *with = self->of;
    unsigned chance = (self->number + 1) * 2654435761u;
    if (self->number == 0)
        leak(with->sabotage);
    while (!atomic_load(&with->stop)) {
        const kind *of = &KINDS[random_below(&chance, KIND_COUNT)];
        switch (random_below(&chance, 16)) {
        case 0:
            change_settings(with, with->client, &chance);
            break;
        case 1:
            use_clone(with, &chance);
            break;
        case 2:
            send_batch(with, &chance);
            break;
        case 3:
            send_streamed(with);
            break;
        case 4:
            read_stream(with, with->client, &chance);
            break;
        case 5:
        case 6:
        case 7:
            send_cancellable(with, self->number, of);
            break;
        default:
            send_one(with, with->client, of);
        }
    }
    return NULL;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

void *cancel_others(void *soak_argument)
{
    soak *with = soak_argument;
    unsigned chance = 1;
    while (!atomic_load(&with->stop)) {
        pthread_mutex_lock(&with->lock);
        sac_cancel *cancel = with->cancels[random_below(&chance, WORKERS)];
        if (cancel)
            sac_cancel_trigger(cancel);
        pthread_mutex_unlock(&with->lock);
        pause_ms(1);
    }
    return NULL;
}

/* The child. Its exit status is that of its requests. */
static int run_child(soak *with)
{
    atomic_store(&with->done.faults, 0);
    for (int i = 0; i < CHILD_REQUESTS; i++)
        send_one(with, with->client, &KINDS[i]);
    unsigned chance = (unsigned)getpid();
    read_stream(with, with->client, &chance);
    sac_client *scope = sac_client_clone(with->client);
    send_one(with, scope, &KINDS[0]);
    sac_client_free(scope);
    sac_client_free(with->client);
    return atomic_load(&with->done.faults) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

void *fork_children(void *soak_argument)
{
    soak *with = soak_argument;
    while (!atomic_load(&with->stop)) {
        int status = -1;
        pid_t child = fork();
        if (child == 0)
            _exit(run_child(with));
        if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
            WEXITSTATUS(status) != EXIT_SUCCESS)
            report_fault(with, "a child ended with the status %d", status);
        atomic_fetch_add(&with->done.forks, 1);
        pause_ms(20);
    }
    return NULL;
}
