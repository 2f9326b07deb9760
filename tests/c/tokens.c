/* Bearer tokens that expire: from a callback, from a file, and from the token server of the demo
 * API. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <unistd.h>

enum { THREADS = 16 };

static const char USER[] = "/v1/users/1";

/* What a token callback does, and what it saw. */
typedef struct source {
    const char *tokens[3];
    sac_code result;
    int calls;
    int32_t reasons[8];
    sac_client *reentered;
    sac_code reentered_code;
} source;

static sac_code fetch(void *userdata, int32_t reason, sac_token *token)
{
    source *source = userdata;
    const char *value = source->tokens[source->calls < 3 ? source->calls : 2];
    source->reasons[source->calls++ & 7] = reason;
    if (source->reentered)
        source->reentered_code = code_of(sac_get(source->reentered, USER));
    if (value)
        CHECK_CODE(SAC_OK, sac_token_set(token, value, 60 * 1000));
    return source->result;
}

static void check_callback(const char *base_url)
{
    sac_client *client = new_client(base_url);
    source source = {.tokens = {"old-token", "demo-token"}};
    CHECK_CODE(SAC_OK, sac_set_token_callback(client, fetch, &source));
    sac_response *response = sac_get(client, USER);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK(response->attempts == 2);
    CHECK(strstr(sac_response_journal(response), "\"retried_because\":\"token refused\"") != NULL);
    sac_response_free(response);
    CHECK(source.calls == 2);
    CHECK(source.reasons[0] == SAC_TOKEN_NEEDED && source.reasons[1] == SAC_TOKEN_REFUSED);

    /* A clone shares the token, and a reset ends its use. */
    sac_client *clone = sac_client_clone(client);
    CHECK_CODE(SAC_OK, code_of(sac_get(clone, USER)));
    CHECK(source.calls == 2);
    sac_client_reset(clone);
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_get(clone, USER)));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, USER)));
    sac_client_free(clone);

    CHECK_CODE(SAC_OK, sac_set_token_callback(client, NULL, NULL));
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_get(client, USER)));
    sac_client_free(client);
}

/* The code of the callback is in the error, and the callback is not called again at once. */
static void check_failure(const char *base_url, source source, const char *words)
{
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_set_token_callback(client, fetch, &source));
    for (int i = 0; i < 3; i++) {
        sac_response *response = sac_get(client, USER);
        CHECK_RESPONSE(response);
        CHECK_CODE(SAC_ERR_TOKEN, response->code);
        CHECK(response->attempts == 0 && response->status == 0);
        CHECK(response->error && strstr(response->error, words) != NULL);
        sac_response_free(response);
    }
    CHECK(source.calls == 1);
    sac_client_free(client);
}

static void check_reentry(const char *base_url)
{
    sac_client *client = new_client(base_url);
    source source = {.tokens = {"demo-token"}, .reentered = client};
    CHECK_CODE(SAC_OK, sac_set_token_callback(client, fetch, &source));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, USER)));
    CHECK_CODE(SAC_ERR_TOKEN, source.reentered_code);
    sac_client_free(client);
}

static void *get_user(void *client)
{
    return code_of(sac_get(client, USER)) == SAC_OK ? NULL : client;
}

/* The callback has no lock: the library calls it on one thread at a time. */
static void check_threads(const char *base_url)
{
    sac_client *client = new_client(base_url);
    source source = {.tokens = {"old-token", "demo-token"}};
    CHECK_CODE(SAC_OK, sac_set_token_callback(client, fetch, &source));
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, get_user, client) == 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
    }
    CHECK(source.calls == 2);
    sac_client_free(client);
}

static void write_file(const char *path, const char *content)
{
    char new[128];
    snprintf(new, sizeof new, "%s.new", path);
    FILE *file = fopen(new, "w");
    CHECK(file && fputs(content, file) >= 0 && fclose(file) == 0);
    CHECK(rename(new, path) == 0);
}

static void check_file(const char *base_url)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/sac-token-%d", (int)getpid());
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_bearer_file(client, ""));
    CHECK_CODE(SAC_OK, sac_set_bearer_file(client, path));
    sac_response *response = sac_get(client, USER);
    CHECK_CODE(SAC_ERR_TOKEN, response->code);
    CHECK(response->error && strstr(response->error, path) != NULL);
    sac_response_free(response);
    write_file(path, "demo-token\n");
    CHECK_CODE(SAC_OK, code_of(sac_get(client, USER)));
    write_file(path, "another-token\n");
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_get(client, USER)));
    write_file(path, "demo-token\n");
    CHECK_CODE(SAC_OK, code_of(sac_get(client, USER)));
    CHECK(unlink(path) == 0);
    CHECK_CODE(SAC_OK, code_of(sac_get(client, USER)));
    sac_client_free(client);
}

typedef struct saved {
    int calls;
    char access_token[32], refresh_token[32];
    uint64_t expires_in_ms;
} saved;

static void save(void *userdata, const char *access_token, const char *refresh_token,
                 uint64_t expires_in_ms)
{
    saved *saved = userdata;
    saved->calls++;
    snprintf(saved->access_token, sizeof saved->access_token, "%s", access_token);
    snprintf(saved->refresh_token, sizeof saved->refresh_token, "%s",
             refresh_token ? refresh_token : "none");
    saved->expires_in_ms = expires_in_ms;
}

static void check_oauth2(const char *base_url)
{
    char url[128];
    snprintf(url, sizeof url, "%s/v1/token", base_url);
    sac_client *client = new_client(base_url);
    saved saved = {0};
    CHECK_CODE(SAC_OK, sac_set_token_saved_callback(client, save, &saved));
    CHECK_CODE(SAC_OK,
               sac_set_oauth2_client_credentials(client, url, "demo-app", "demo-secret", NULL));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, USER)));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, USER)));
    CHECK(saved.calls == 1 && saved.expires_in_ms == 3600 * 1000);
    CHECK_TEXT("demo-token", saved.access_token);
    CHECK_TEXT("none", saved.refresh_token);

    CHECK_CODE(SAC_OK, sac_set_oauth2_refresh_token(client, url, "demo-app", "demo-secret",
                                                    "demo-refresh"));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, USER)));
    CHECK(saved.calls == 2 && strncmp(saved.refresh_token, "demo-refresh-", 13) == 0);
    CHECK_CODE(SAC_OK, sac_set_token_saved_callback(client, NULL, NULL));

    CHECK_CODE(SAC_OK,
               sac_set_oauth2_refresh_token(client, url, "demo-app", "demo-secret", "lost"));
    sac_response *response = sac_get(client, USER);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_ERR_TOKEN, response->code);
    CHECK(strstr(response->error, "invalid_grant: this refresh token is unknown") != NULL);
    sac_response_free(response);
    CHECK_CODE(SAC_ERR_INVALID_URL,
               sac_set_oauth2_client_credentials(client, "ftp://x", "a", "b", NULL));
    sac_client_free(client);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    check_callback(base_url);
    check_failure(base_url, (source){.result = SAC_ERR_FILE},
                  "the token callback returned SAC_ERR_FILE");
    check_failure(base_url, (source){.result = SAC_OK}, "it must call sac_token_set");
    check_failure(base_url, (source){.tokens = {"unused"}, .result = 4711},
                  "returned SAC_ERR_UNKNOWN");
    check_reentry(base_url);
    check_threads(base_url);
    check_file(base_url);
    check_oauth2(base_url);
    return check_result();
}
