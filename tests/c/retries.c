/* Calls that are retried, and what they report. */
#include "check.h"

static sac_client *retrying_client(const char *base_url, uint32_t retries)
{
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_set_retry_attempts(client, retries));
    CHECK_CODE(SAC_OK, sac_set_backoff_ms(client, 1, 2));
    return client;
}

/* Checks the result of a call, and frees its response. */
static void check_outcome(sac_response *response, sac_code code, uint32_t attempts)
{
    CHECK_RESPONSE(response);
    CHECK_CODE(code, response->code);
    CHECK(response->attempts == attempts);
    CHECK(sac_response_journal(response) != NULL);
    sac_response_free(response);
}

static void check_flaky(const char *base_url)
{
    sac_client *client = retrying_client(base_url, 3);
    check_outcome(sac_get(client, "/v1/flaky?key=enough"), SAC_OK, 3);

    /* A POST is not sent twice, unless a key makes that safe. */
    check_outcome(sac_post_json(client, "/v1/flaky?key=post", "{}"), SAC_ERR_STATUS, 1);
    sac_request *request = new_request("POST", "/v1/flaky?key=keyed");
    CHECK_CODE(SAC_OK, sac_request_set_idempotency_key(request, "k-1"));
    check_outcome(sac_send(client, request), SAC_OK, 3);
    sac_request_free(request);

    CHECK_CODE(SAC_OK, sac_set_retry_attempts(client, 1));
    check_outcome(sac_get(client, "/v1/flaky?key=too-few"), SAC_ERR_STATUS, 2);
    sac_client_free(client);
}

static void check_request_settings_take_precedence(const char *base_url)
{
    const uint16_t others[] = {500, 502};
    sac_client *client = retrying_client(base_url, 3);
    sac_request *none = new_request("GET", "/v1/flaky?key=none");
    CHECK_CODE(SAC_OK, sac_request_set_retry_attempts(none, 0));
    check_outcome(sac_send(client, none), SAC_ERR_STATUS, 1);
    sac_request_free(none);

    sac_request *other = new_request("GET", "/v1/flaky?key=other");
    CHECK_CODE(SAC_OK, sac_request_set_retry_statuses(other, others, 2));
    check_outcome(sac_send(client, other), SAC_ERR_STATUS, 1);
    sac_request_free(other);

    sac_request *short_lived = new_request("GET", "/v1/slow?ms=60000");
    CHECK_CODE(SAC_OK, sac_request_set_deadline_ms(short_lived, 100));
    CHECK_CODE(SAC_ERR_TIMEOUT, code_of(sac_send(client, short_lived)));
    sac_request_free(short_lived);

    sac_request *silent = new_request("GET", "/v1/slow?ms=60000");
    CHECK_CODE(SAC_OK, sac_request_set_retry_attempts(silent, 0));
    CHECK_CODE(SAC_OK, sac_request_set_read_timeout_ms(silent, 100));
    check_outcome(sac_send(client, silent), SAC_ERR_TIMEOUT, 1);
    sac_request_free(silent);

    sac_request *small = new_request("GET", "/v1/redirect");
    CHECK_CODE(SAC_OK, sac_request_set_redirects(small, 1));
    CHECK_CODE(SAC_OK, sac_request_set_max_body_bytes(small, 10));
    check_outcome(sac_send(client, small), SAC_ERR_TOO_LARGE, 1);
    sac_request_free(small);
    sac_client_free(client);
}

static void check_rate_limits(const char *base_url)
{
    sac_client *client = retrying_client(base_url, 1);
    sac_response *waited = sac_get(client, "/v1/limited?key=waits");
    CHECK_RESPONSE(waited);
    CHECK_CODE(SAC_OK, waited->code);
    CHECK(waited->attempts == 2);
    CHECK(waited->elapsed_us >= 1000000);
    sac_response_free(waited);

    /* The call does not wait for a delay that is too long, and the caller can read it. */
    sac_response *hour = sac_get(client, "/v1/always-limited?retry_after=3600");
    CHECK_RESPONSE(hour);
    CHECK_CODE(SAC_ERR_RATE_LIMITED, hour->code);
    CHECK(hour->attempts == 1);
    CHECK_TEXT("3600", sac_response_header(hour, "Retry-After"));
    sac_response_free(hour);

    /* The caller's limit: the wait of the second call would exceed its deadline. */
    CHECK_CODE(SAC_OK, sac_set_rate_limit(client, 1, 3600000, 1));
    CHECK_CODE(SAC_OK, sac_set_deadline_ms(client, 20000));
    check_outcome(sac_get(client, "/v1/items/1"), SAC_OK, 1);
    check_outcome(sac_get(client, "/v1/items/1"), SAC_ERR_RATE_LIMITED, 0);
    sac_client_free(client);
}

typedef struct retries_seen {
    uint32_t calls;
    uint32_t allowed;
    int32_t last_status;
} retries_seen;

static bool allow_limited(void *userdata, uint32_t attempt, int32_t code, int32_t status,
                          uint64_t wait_ms)
{
    retries_seen *seen = userdata;
    (void)wait_ms;
    CHECK_CODE(SAC_ERR_STATUS, code);
    CHECK(attempt > 0);
    seen->last_status = status;
    return ++seen->calls <= seen->allowed;
}

static void check_callback(const char *base_url)
{
    retries_seen seen = {0, 1, 0};
    sac_client *client = retrying_client(base_url, 5);
    CHECK_CODE(SAC_OK, sac_set_retry_callback(client, allow_limited, &seen));
    check_outcome(sac_get(client, "/v1/flaky?key=callback"), SAC_ERR_STATUS, 2);
    CHECK(seen.calls == 2);
    CHECK(seen.last_status == 503);
    CHECK_CODE(SAC_OK, sac_set_retry_callback(client, NULL, NULL));
    check_outcome(sac_get(client, "/v1/flaky?key=no-callback"), SAC_OK, 3);
    CHECK(seen.calls == 2);
    sac_client_free(client);
}

static void check_stats(const char *base_url)
{
    char *stats = NULL;
    sac_client *client = new_client(base_url);
    sac_client *clone = sac_client_clone(client);
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/items/1")));
    CHECK_CODE(SAC_OK, code_of(sac_get(clone, "/v1/items/2")));
    CHECK_CODE(SAC_OK, sac_client_stats(client, &stats));
    CHECK(stats && stats[0] == '{');
    CHECK(stats && strstr(stats, "\"requests\":2"));
    CHECK(stats && strstr(stats, "\"connections_opened\":1"));
    sac_string_free(stats);
    sac_client_free(clone);
    sac_client_free(client);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    check_flaky(base_url);
    check_request_settings_take_precedence(base_url);
    check_rate_limits(base_url);
    check_callback(base_url);
    check_stats(base_url);
    return check_result();
}
