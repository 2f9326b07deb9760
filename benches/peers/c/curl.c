/* libcurl's easy interface with its fast options: one handle and one body buffer for each thread, which are kept, and a
 * large receive buffer for large bodies. With WITH_YYJSON it also reads the values, with yyjson and its fast options:
 * it parses within the body buffer, and reuses its memory. */
#include "peer.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#ifdef WITH_YYJSON
#include <yyjson.h>
#endif

struct exchange {
    CURL *curl;
    struct curl_slist *headers;
    char *body;
    size_t len;
    size_t size;
#ifdef WITH_YYJSON
    yyjson_alc *allocator;
#endif
};

#ifdef WITH_YYJSON
enum { PADDING = YYJSON_PADDING_SIZE };
#else
enum { PADDING = 0 };
#endif

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
    if (own->len + len + PADDING > own->size) {
        own->size = 2 * (own->len + len) + PADDING;
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
#ifdef WITH_YYJSON
    if ((own->allocator = yyjson_alc_dyn_new()) == NULL)
        peer_fail("no memory");
#endif
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
#ifdef WITH_YYJSON
    yyjson_alc_dyn_free(own->allocator);
#endif
    free(own);
}

#ifdef WITH_YYJSON
static void walk(yyjson_val *root)
{
    double sum = 0;
    size_t index, max;
    yyjson_val *object;
    yyjson_arr_foreach(yyjson_obj_get(root, PEER_LIST), index, max, object)
    {
        struct peer_item item = {
            yyjson_get_sint(yyjson_obj_get(object, "id")),
            yyjson_get_len(yyjson_obj_get(object, "name")),
            yyjson_get_len(yyjson_obj_get(yyjson_obj_get(object, "owner"), "login")),
            yyjson_get_num(yyjson_obj_get(object, "price")),
            yyjson_get_bool(yyjson_obj_get(object, "active")),
        };
        sum += peer_sum(&item);
    }
    peer_check_sum(sum, yyjson_get_num(yyjson_obj_get(root, "sum")));
}

static void check(const struct peer_plan *plan, struct exchange *own, long status)
{
    yyjson_read_err error;
    memset(own->body + own->len, 0, YYJSON_PADDING_SIZE);
    yyjson_doc *document = yyjson_read_opts(own->body, own->len, YYJSON_READ_INSITU, own->allocator, &error);
    yyjson_val *root = yyjson_doc_get_root(document);
    if (plan->mode == PEER_WALK)
        walk(root);
    peer_check(plan, status, own->len, yyjson_get_str(yyjson_obj_get(root, PEER_MEMBER)));
    yyjson_doc_free(document);
}
#else
static void check(const struct peer_plan *plan, struct exchange *own, long status)
{
    peer_check(plan, status, own->len, NULL);
}
#endif

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
