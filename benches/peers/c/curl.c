/* libcurl's easy interface with its fast options: one handle and one body buffer for each thread, which are kept, and a
 * large receive buffer for large bodies. With WITH_JANSSON it also reads the value, with jansson. */
#include "peer.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#ifdef WITH_JANSSON
#include <jansson.h>
#endif

struct exchange {
    CURL *curl;
    struct curl_slist *headers;
    char *body;
    size_t len;
    size_t size;
};

void peer_start(const struct peer_plan *plan)
{
    (void)plan;
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void peer_stop(void) { curl_global_cleanup(); }

static size_t take(char *bytes, size_t size, size_t count, void *userdata)
{
    struct exchange *own = userdata;
    size_t len = size * count;
    if (own->len + len > own->size) {
        own->size = 2 * (own->len + len);
        own->body = realloc(own->body, own->size);
        if (own->body == NULL)
            return 0;
    }
    memcpy(own->body + own->len, bytes, len);
    own->len += len;
    return len;
}

static char *join(const char *first, const char *second)
{
    char *joined = malloc(strlen(first) + strlen(second) + 1);
    if (joined == NULL)
        peer_fail("no memory");
    return strcat(strcpy(joined, first), second);
}

void *peer_open(const struct peer_plan *plan)
{
    struct exchange *own = calloc(1, sizeof *own);
    if (own == NULL || (own->curl = curl_easy_init()) == NULL)
        peer_fail("no handle");
    char *url = join(plan->base_url, plan->path);
    char *accept = join("Accept: ", plan->mode == PEER_BINARY ? PEER_ACCEPT_BINARY : PEER_ACCEPT_JSON);
    own->headers = curl_slist_append(NULL, accept);
    curl_easy_setopt(own->curl, CURLOPT_URL, url);
    curl_easy_setopt(own->curl, CURLOPT_HTTPHEADER, own->headers);
    free(url);
    free(accept);
    curl_easy_setopt(own->curl, CURLOPT_USERAGENT, "libcurl/" LIBCURL_VERSION);
    curl_easy_setopt(own->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(own->curl, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(own->curl, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(own->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(own->curl, CURLOPT_WRITEDATA, own);
    if (plan->bytes >= PEER_LARGE_BODY)
        curl_easy_setopt(own->curl, CURLOPT_BUFFERSIZE, 512L * 1024);
    /* The other clients read this variable themselves. libcurl keeps the roots of a file only if there is no folder;
     * otherwise it reads them for each connection. */
    if (getenv("SSL_CERT_FILE") != NULL)
        curl_easy_setopt(own->curl, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
    curl_easy_setopt(own->curl, CURLOPT_CAPATH, NULL);
    return own;
}

void peer_close(void *argument)
{
    struct exchange *own = argument;
    curl_easy_cleanup(own->curl);
    curl_slist_free_all(own->headers);
    free(own->body);
    free(own);
}

static void check(const struct peer_plan *plan, const struct exchange *own, long status)
{
#ifdef WITH_JANSSON
    json_t *tree = json_loadb(own->body, own->len, 0, NULL);
    peer_check(plan, status, own->len, json_string_value(json_object_get(tree, PEER_MEMBER)));
    json_decref(tree);
#else
    peer_check(plan, status, own->len, NULL);
#endif
}

void peer_call(const struct peer_plan *plan, void *argument)
{
    struct exchange *own = argument;
    long status = 0;
    own->len = 0;
    CURLcode code = curl_easy_perform(own->curl);
    if (code != CURLE_OK)
        peer_fail(curl_easy_strerror(code));
    curl_easy_getinfo(own->curl, CURLINFO_RESPONSE_CODE, &status);
    check(plan, own, status);
}
