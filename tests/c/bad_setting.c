/* Bad input to settings with bounds, to the key of a request and to the cancel gives a code, never a
 * crash. every_setting.c has the checks that apply to every setting. */
#include "check.h"

static const uint16_t NO_STATUS[] = {500, 99};
static const uint16_t NO_STATUS_EITHER[] = {600};

static void check_null_client(void)
{
    char *stats = NULL;
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_callback(NULL, NULL, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_stats(NULL, &stats));
    CHECK(stats == NULL);
}

static void check_null_request(void)
{
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_idempotency_key(NULL, "key"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_cancel(NULL, NULL));
}

static void check_client(sac_client *client)
{
    static const int32_t versions[] = {0, 1, 11, 14, -1};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_min_tls(client, versions[i]));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_backoff_ms(client, 2, 1));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_retry_statuses(client, NO_STATUS, 2));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_retry_statuses(client, NO_STATUS_EITHER, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_statuses(client, NULL, 1));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_rate_limit(client, 1, 0, 1));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_rate_limit(client, 1, 1000, 0));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_stats(client, NULL));

    /* The smallest and largest allowed values. */
    CHECK_CODE(SAC_OK, sac_set_min_tls(client, SAC_TLS_1_2));
    CHECK_CODE(SAC_OK, sac_set_backoff_ms(client, 0, 0));
    CHECK_CODE(SAC_OK, sac_set_retry_statuses(client, NULL, 0));
    CHECK_CODE(SAC_OK, sac_set_rate_limit(client, 0, 0, 0));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/items/1")));
}

static void check_request(const sac_client *client)
{
    sac_request *request = new_request("GET", "/v1/items/1");
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_backoff_ms(request, 2, 1));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_retry_statuses(request, NO_STATUS, 2));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_retry_statuses(request, NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_idempotency_key(request, NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_set_idempotency_key(request, BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_idempotency_key(request, "a\nb"));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_idempotency_key(request, ""));
    CHECK_CODE(SAC_OK, sac_request_set_cancel(request, NULL));
    CHECK_CODE(SAC_OK, code_of(sac_send(client, request)));
    sac_request_free(request);
}

static void check_cancel(void)
{
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cancel_new(NULL));
    CHECK(!sac_cancel_triggered(NULL));
    sac_cancel_trigger(NULL);
    sac_cancel_free(NULL);
    CHECK_TEXT(NULL, sac_response_journal(NULL));
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    check_null_client();
    check_null_request();
    check_client(client);
    check_request(client);
    check_cancel();
    sac_client_free(client);
    return check_result();
}
