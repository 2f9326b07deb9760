/* Bodies that are not in memory: forms with files, downloads, callbacks. Many requests at once.
 * Cookies from servers. Proxies, sockets and client certificates. */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv */
#include "check.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DOWNLOAD "/v1/download?bytes=1000000"
static char folder[] = "/tmp/sac-streams-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *content)
{
    FILE *file = fopen(path_of(name), "w");
    if (!file)
        exit(EXIT_FAILURE);
    fputs(content, file);
    fclose(file);
}

static long size_of(const char *name)
{
    struct stat status;
    return stat(path_of(name), &status) == 0 ? (long)status.st_size : -1;
}

static void check_bodies(const sac_client *client)
{
    write_file("a.txt", "in a file");
    sac_request *file = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_set_body_file(file, "text/x-own", path_of("a.txt")));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_json(file, "{}"));
    sac_response *response = sac_send(client, file);
    CHECK_RESPONSE(response);
    CHECK_TEXT("in a file", sac_json_string(response, "/body", NULL));
    CHECK_TEXT("text/x-own", sac_json_string(response, "/headers/content-type", NULL));
    CHECK_TEXT("9", sac_json_string(response, "/headers/content-length", NULL));
    sac_response_free(response);
    unlink(path_of("a.txt"));
    CHECK_CODE(SAC_ERR_FILE, code_of(sac_send(client, file)));
    sac_request_free(file);

    write_file("b \"c\".txt", "of a part");
    sac_request *form = new_request("POST", "/v1/echo");
    const uint8_t bytes[] = {'v', 'a', 'l'};
    CHECK_CODE(SAC_OK, sac_request_add_part(form, "field", NULL, NULL, bytes, sizeof bytes));
    CHECK_CODE(SAC_OK, sac_request_add_part(form, "empty", "none", "text/csv", NULL, 0));
    CHECK_CODE(SAC_OK, sac_request_add_part_file(form, "file", path_of("b \"c\".txt"), NULL));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_add_part(form, "x", NULL, "a\nb", NULL, 0));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_part(form, NULL, NULL, NULL, NULL, 0));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_part(form, "x", NULL, NULL, NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_part_file(form, "x", NULL, NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_add_part(form, BAD_UTF8, NULL, NULL, NULL, 0));
    response = sac_send(client, form);
    CHECK_RESPONSE(response);
    const char *body = sac_json_string(response, "/body", NULL);
    CHECK(body && strstr(body, "name=\"field\"\r\n\r\nval\r\n--"));
    CHECK(body && strstr(body, "name=\"file\"; filename=\"b %22c%22.txt\"\r\n"));
    CHECK(body && strstr(body, "\r\n\r\nof a part\r\n--"));
    sac_response_free(response);
    sac_request_free(form);
    unlink(path_of("b \"c\".txt"));
}

static bool receive(void *userdata, const uint8_t *bytes, size_t len)
{
    size_t *received = userdata;
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != (*received + i) % 251)
            return false;
    *received += len;
    return true;
}

static bool stop(void *userdata, const uint8_t *bytes, size_t len)
{
    (void)userdata, (void)bytes, (void)len;
    return false;
}

struct progress {
    uint64_t received, to_receive;
};

static bool watch(void *userdata, uint64_t sent, uint64_t to_send, uint64_t received,
                  uint64_t to_receive)
{
    struct progress *progress = userdata;
    CHECK(sent == 0 && to_send == 0);
    CHECK(received >= progress->received);
    progress->received = received;
    progress->to_receive = to_receive;
    return true;
}

/* A file that cannot be written is not replaced, although a rename could replace it. */
static void check_unwritable_file(const sac_client *client)
{
    enum { NOBODY = 65534 };
    const uid_t own = geteuid();
    write_file("closed", "old");
    CHECK(chmod(path_of("closed"), 0444) == 0);
    if (own == 0) /* root may write every file */
        CHECK(chown(folder, NOBODY, NOBODY) == 0 && seteuid(NOBODY) == 0);
    sac_request *request = new_request("GET", DOWNLOAD);
    CHECK_CODE(SAC_OK, sac_request_set_output_file(request, path_of("closed")));
    CHECK_CODE(SAC_ERR_FILE, code_of(sac_send(client, request)));
    CHECK_CODE(SAC_OK, sac_request_set_output_file(request, path_of("open")));
    CHECK_CODE(SAC_OK, code_of(sac_send(client, request)));
    CHECK(seteuid(own) == 0);
    CHECK(size_of("closed") == 3);
    unlink(path_of("closed"));
    unlink(path_of("open"));
    sac_request_free(request);
}

static void check_downloads(const sac_client *client)
{
    struct progress progress = {0, 0};
    sac_request *request = new_request("GET", DOWNLOAD);
    CHECK_CODE(SAC_OK, sac_request_set_output_file(request, path_of("d")));
    CHECK_CODE(SAC_OK, sac_request_set_progress_callback(request, watch, &progress));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_output_callback(request, receive, NULL));
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK_TEXT("{}", response->json);
    CHECK(response->body_len == 0);
    sac_response_free(response);
    CHECK(size_of("d") == 1000000);
    CHECK(progress.received == 1000000 && progress.to_receive == 1000000);
    unlink(path_of("d"));
    struct stat status;
    const mode_t before = umask(027);
    progress.received = 0;
    CHECK_CODE(SAC_OK, code_of(sac_send(client, request)));
    umask(before);
    CHECK(stat(path_of("d"), &status) == 0 && (status.st_mode & 07777) == 0640);
    unlink(path_of("d"));
    progress.received = 0;
    CHECK_CODE(SAC_OK, sac_request_set_max_body_bytes(request, 1000));
    CHECK_CODE(SAC_ERR_TOO_LARGE, code_of(sac_send(client, request)));
    CHECK(size_of("d") == -1);
    sac_request_free(request);

    size_t received = 0;
    request = new_request("GET", DOWNLOAD);
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, receive, &received));
    CHECK_CODE(SAC_OK, code_of(sac_send(client, request)));
    CHECK(received == 1000000);
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, stop, NULL));
    CHECK_CODE(SAC_ERR_CANCELLED, code_of(sac_send(client, request)));
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, NULL, NULL));
    CHECK_CODE(SAC_OK, sac_request_set_header(request, "Accept", "application/octet-stream"));
    response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK(response->body_len == 1000000);
    sac_response_free(response);
    sac_request_free(request);

    request = new_request("GET", "/v1/nothing");
    CHECK_CODE(SAC_OK, sac_request_set_output_file(request, path_of("e")));
    response = sac_send(client, request);
    CHECK_CODE(SAC_ERR_STATUS, response->code);
    CHECK(response->body_len > 0);
    sac_response_free(response);
    CHECK(size_of("e") == -1);
    CHECK_CODE(SAC_OK, sac_request_set_output_file(request, "/nowhere/at/all"));
    CHECK_CODE(SAC_ERR_FILE, code_of(sac_send(client, request)));
    sac_request_free(request);
}

static void check_many(const sac_client *client)
{
    enum { COUNT = 20 };
    sac_request *requests[COUNT];
    const sac_request *list[COUNT];
    for (int i = 0; i < COUNT; i++) {
        char path[64];
        snprintf(path, sizeof path, "/v1/echo?number=%d", i);
        requests[i] = new_request("GET", path);
        list[i] = requests[i];
    }
    list[7] = NULL;
    for (uint32_t parallel = 0; parallel < 5; parallel += 2) {
        sac_response **responses = sac_send_all(client, list, COUNT, parallel);
        CHECK(responses != NULL);
        for (int i = 0; responses && i < COUNT; i++) {
            char number[16];
            snprintf(number, sizeof number, "%d", i);
            CHECK_RESPONSE(responses[i]);
            if (parallel == 0)
                CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, responses[i]->code);
            else if (i == 7)
                CHECK_CODE(SAC_ERR_NULL_ARGUMENT, responses[i]->code);
            else
                CHECK(strstr(responses[i]->json, number));
        }
        sac_responses_free(responses, COUNT);
    }
    sac_response **responses = sac_send_all(NULL, list, 2, 2);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, responses[0]->code);
    sac_responses_free(responses, 2);
    responses = sac_send_all(client, NULL, 2, 2);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, responses[1]->code);
    sac_responses_free(responses, 2);
    sac_responses_free(sac_send_all(client, NULL, 0, 1), 0);
    sac_responses_free(NULL, 9);
    for (int i = 0; i < COUNT; i++)
        sac_request_free(requests[i]);
}

/* The place where requests that run at once wait for each other. */
struct rendezvous {
    pthread_mutex_t lock;
    pthread_cond_t all_present;
    int present, expected, max_present, threads;
};

static int count_threads(void)
{
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; tasks && (task = readdir(tasks));)
        count += task->d_name[0] != '.';
    if (tasks)
        closedir(tasks);
    return count;
}

/* Blocks its request until the expected number of requests have arrived here. */
static bool wait_for_others(void *userdata, const uint8_t *bytes, size_t len)
{
    struct rendezvous *rendezvous = userdata;
    struct timespec deadline = {time(NULL) + 30, 0};
    bool waiting = true;
    (void)bytes, (void)len;
    pthread_mutex_lock(&rendezvous->lock);
    if (++rendezvous->present > rendezvous->max_present)
        rendezvous->max_present = rendezvous->present;
    if (rendezvous->present == rendezvous->expected && rendezvous->threads == 0) {
        rendezvous->threads = count_threads();
        pthread_cond_broadcast(&rendezvous->all_present);
    }
    while (rendezvous->threads == 0 && waiting)
        waiting = pthread_cond_timedwait(&rendezvous->all_present, &rendezvous->lock,
                                         &deadline) == 0;
    rendezvous->present--;
    pthread_mutex_unlock(&rendezvous->lock);
    return true;
}

/* The system takes a moment to remove a thread that has ended. */
static void await_threads(int expected)
{
    const time_t deadline = time(NULL) + 30;
    while (count_threads() != expected && time(NULL) < deadline)
        sched_yield();
    CHECK(count_threads() == expected);
}

/* `before`: the number of threads while no request runs. */
static void check_parallel_limit(const sac_client *client, int before)
{
    enum { COUNT = 12, PARALLEL = 4 };
    struct rendezvous rendezvous = {
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, PARALLEL, 0, 0};
    await_threads(before);
    sac_request *request = new_request("GET", "/v1/download?bytes=1");
    const sac_request *list[COUNT];
    for (int i = 0; i < COUNT; i++)
        list[i] = request;
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, wait_for_others, &rendezvous));
    sac_response **responses = sac_send_all(client, list, COUNT, PARALLEL);
    for (int i = 0; i < COUNT; i++)
        CHECK_CODE(SAC_OK, responses[i]->code);
    sac_responses_free(responses, COUNT);
    /* Exactly PARALLEL requests ran at once, and their threads have ended. */
    CHECK(rendezvous.max_present == PARALLEL);
    CHECK(rendezvous.threads == before + PARALLEL - 1);
    await_threads(before);
    sac_request_free(request);
}

static bool cancel_all(void *userdata, const uint8_t *bytes, size_t len)
{
    (void)bytes, (void)len;
    sac_cancel_trigger(userdata);
    return true;
}

static void check_cancelled(const sac_client *client)
{
    enum { COUNT = 9 };
    sac_cancel *cancel = NULL;
    CHECK_CODE(SAC_OK, sac_cancel_new(&cancel));
    sac_request *request = new_request("GET", "/v1/download?bytes=33554432");
    const sac_request *list[COUNT];
    for (int i = 0; i < COUNT; i++)
        list[i] = request;
    CHECK_CODE(SAC_OK, sac_request_set_output_callback(request, cancel_all, cancel));
    CHECK_CODE(SAC_OK, sac_request_set_cancel(request, cancel));
    sac_response **responses = sac_send_all(client, list, COUNT, 3);
    for (int i = 0; i < COUNT; i++) {
        CHECK_RESPONSE(responses[i]);
        CHECK_CODE(SAC_ERR_CANCELLED, responses[i]->code);
    }
    sac_responses_free(responses, COUNT);
    sac_request_free(request);
    sac_cancel_free(cancel);
}

static int64_t visits(const sac_client *client)
{
    int64_t count = -1;
    sac_response *response = sac_get(client, "/v1/visits");
    CHECK_RESPONSE(response);
    sac_json_int64(response, "/visits", &count);
    sac_response_free(response);
    return count;
}

static void check_cookies(sac_client *client)
{
    CHECK(visits(client) == 1);
    CHECK(visits(client) == 1);
    CHECK_CODE(SAC_OK, sac_set_cookie_jar(client, true));
    CHECK(visits(client) == 1);
    CHECK(visits(client) == 2);
    sac_client *clone = sac_client_clone(client);
    CHECK(visits(clone) == 3);
    CHECK(visits(clone) == 4);
    CHECK(visits(client) == 3);
    sac_client_reset(client);
    CHECK(visits(client) == 1);
    CHECK_CODE(SAC_OK, sac_add_cookie(client, "visits", "41"));
    CHECK(visits(client) == 42);
    CHECK(visits(client) == 42);
    CHECK_CODE(SAC_OK, sac_set_cookie_jar(clone, false));
    CHECK(visits(clone) == 1);
    sac_client_free(clone);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_cookie_jar(NULL, true));
}

static void store_line(void *userdata, int32_t level, const char *message)
{
    CHECK(level == SAC_LOG_ERROR);
    snprintf(userdata, 256, "%s", message);
}

static void check_route(sac_client *client)
{
    CHECK_CODE(SAC_ERR_INVALID_URL, sac_set_proxy(client, "ftp://proxy.test"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_proxy(client, BAD_UTF8));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_proxy(NULL, NULL));
    CHECK_CODE(SAC_OK, sac_set_proxy(client, "socks5h://127.0.0.1:1"));
    CHECK_CODE(SAC_ERR_PROXY, code_of(sac_get(client, "/v1/echo")));
    CHECK_CODE(SAC_OK, sac_set_proxy(client, ""));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/echo")));
    CHECK_CODE(SAC_OK, sac_set_unix_socket(client, path_of("socket")));
    CHECK_CODE(SAC_ERR_CONNECT, code_of(sac_get(client, "/v1/echo")));
    CHECK_CODE(SAC_OK, sac_set_unix_socket(client, NULL));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/echo")));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_unix_socket(client, ""));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_unix_socket(NULL, "/x"));
    CHECK_CODE(SAC_ERR_FILE, sac_set_client_certificate(client, "/nowhere", "/nowhere"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate(client, NULL, "/nowhere"));
    CHECK_CODE(SAC_ERR_CERTIFICATE, sac_set_client_certificate_pem(client, "none", "none"));
    char refusal[256] = "";
    CHECK_CODE(SAC_OK, sac_set_logger(client, store_line, refusal, SAC_LOG_ERROR));
    CHECK_CODE(SAC_ERR_CERTIFICATE, sac_set_client_certificate_pem(client, "none", "none"));
    CHECK_TEXT("a setting was refused: SAC_ERR_CERTIFICATE: there is no certificate in the PEM text",
               refusal);
    CHECK_CODE(SAC_OK, sac_set_logger(client, NULL, NULL, SAC_LOG_ERROR));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate_pem(client, "none", NULL));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_pinned_keys(client, "sha256//x"));
    CHECK_CODE(SAC_OK, sac_set_pinned_keys(client, "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    CHECK_CODE(SAC_OK, sac_set_pinned_keys(client, NULL));
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    CHECK_CODE(SAC_OK, sac_set_proxy(client, NULL));
    CHECK_CODE(SAC_ERR_PROXY, code_of(sac_get(client, "/v1/echo")));
    setenv("no_proxy", "127.0.0.0/8", 1);
    CHECK_CODE(SAC_OK, sac_set_proxy(client, NULL));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/echo")));
    /* In a CGI process, this variable comes from the visitor and not from the machine. */
    unsetenv("no_proxy");
    unsetenv("http_proxy");
    setenv("HTTP_PROXY", "http://127.0.0.1:1", 1);
    CHECK_CODE(SAC_OK, sac_set_proxy(client, NULL));
    CHECK_CODE(SAC_ERR_PROXY, code_of(sac_get(client, "/v1/echo")));
    setenv("REQUEST_METHOD", "GET", 1);
    CHECK_CODE(SAC_OK, sac_set_proxy(client, NULL));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/echo")));
    unsetenv("REQUEST_METHOD");
    /* An unusable proxy is not ignored. */
    setenv("HTTP_PROXY", "ftp://127.0.0.1:1", 1);
    CHECK_CODE(SAC_OK, sac_set_proxy(client, NULL));
    CHECK_CODE(SAC_ERR_PROXY, code_of(sac_get(client, "/v1/echo")));
    unsetenv("HTTP_PROXY");
}

int main(int argc, char **argv)
{
    const int threads = count_threads();
    sac_client *client = new_client(base_url_of(argc, argv));
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    check_bodies(client);
    check_downloads(client);
    check_unwritable_file(client);
    check_many(client);
    check_parallel_limit(client, threads);
    check_cancelled(client);
    check_cookies(client);
    check_route(client);
    sac_client_free(client);
    CHECK(rmdir(folder) == 0);
    return check_result();
}
