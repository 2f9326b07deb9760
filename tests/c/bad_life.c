/* Bad input to everything that shapes the life of a call: retries, limits, cancel, what is read
 * out of a response, repair. A code, never a crash, and nothing has changed. */
#include "check.h"

#include <limits.h>
#include <stdint.h>

static bool allow(void *userdata, uint32_t attempt, int32_t code, int32_t status, uint64_t wait_ms)
{
    (void)userdata, (void)attempt, (void)code, (void)status, (void)wait_ms;
    return true;
}

static void check_null(sac_client *client)
{
    static const uint16_t statuses[] = {503};
    char *text = (char *)&text;
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_read_timeout_ms(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_deadline_ms(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_attempts(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_backoff_ms(NULL, 1, 2));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_statuses(NULL, statuses, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_after_max_ms(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_rate_limit(NULL, 1, 1, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_min_tls(NULL, SAC_TLS_1_3));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_callback(NULL, allow, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_stats(NULL, &text));
    CHECK(text == (char *)&text);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_stats(client, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cancel_new(NULL));
    sac_cancel_trigger(NULL);
    CHECK(!sac_cancel_triggered(NULL));
    sac_cancel_free(NULL);
    CHECK(sac_response_journal(NULL) == NULL);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_json_repair(NULL, 1, &text));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_json_repair("{}", 2, NULL));
    CHECK_CODE(SAC_ERR_NOT_JSON, sac_json_repair(NULL, 0, &text));
    CHECK_CODE(SAC_ERR_NOT_JSON, sac_json_repair("<html>", 6, &text));
    CHECK(text == (char *)&text);
}

static void check_null_request(void)
{
    static const uint16_t statuses[] = {503};
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_cancel(NULL, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_idempotency_key(NULL, "key"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_timeout_ms(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_verify(NULL, true));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_max_body_bytes(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_redirects(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_read_timeout_ms(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_deadline_ms(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_retry_attempts(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_backoff_ms(NULL, 1, 2));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_retry_statuses(NULL, statuses, 1));
}

static void check_out_of_range(sac_client *client)
{
    static const uint16_t low[] = {503, 99};
    static const uint16_t high[] = {600, 503};
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_backoff_ms(client, 2, 1));
    CHECK_CODE(SAC_OK, sac_set_backoff_ms(client, 0, 0));
    CHECK_CODE(SAC_OK, sac_set_backoff_ms(client, UINT64_MAX, UINT64_MAX));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_retry_statuses(client, low, 2));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_retry_statuses(client, high, 2));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_retry_statuses(client, low, SIZE_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_statuses(client, NULL, 1));
    CHECK_CODE(SAC_OK, sac_set_retry_statuses(client, NULL, 0));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_rate_limit(client, 1, 0, 1));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_rate_limit(client, 1, 1, 0));
    CHECK_CODE(SAC_OK, sac_set_rate_limit(client, UINT32_MAX, UINT64_MAX, UINT32_MAX));
    CHECK_CODE(SAC_OK, sac_set_rate_limit(client, 0, 0, 0));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_min_tls(client, 0));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_min_tls(client, INT32_MAX));
    CHECK_CODE(SAC_OK, sac_set_retry_callback(client, NULL, NULL));
}

static void check_request(void)
{
    sac_request *request = NULL;
    CHECK_CODE(SAC_OK, sac_request_new("POST", "/", &request));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_idempotency_key(request, NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_set_idempotency_key(request, BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_idempotency_key(request, ""));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_idempotency_key(request, "a\r\nb: c"));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_set_backoff_ms(request, 2, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_retry_statuses(request, NULL, 1));
    CHECK_CODE(SAC_OK, sac_request_set_retry_statuses(request, NULL, 0));
    CHECK_CODE(SAC_OK, sac_request_set_cancel(request, NULL));
    sac_request_free(request);
}

/* A request keeps its own hold on a cancel; one that is triggered ends the call before it begins. */
static void check_cancel(const sac_client *client)
{
    sac_cancel *cancel = NULL;
    sac_request *request = NULL;
    CHECK_CODE(SAC_OK, sac_cancel_new(&cancel));
    CHECK_CODE(SAC_OK, sac_request_new("GET", "/v1/items", &request));
    CHECK_CODE(SAC_OK, sac_request_set_cancel(request, cancel));
    CHECK(!sac_cancel_triggered(cancel));
    sac_cancel_trigger(cancel);
    sac_cancel_trigger(cancel);
    CHECK(sac_cancel_triggered(cancel));
    sac_cancel_free(cancel);
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_ERR_CANCELLED, response->code);
    CHECK(response->attempts == 0);
    CHECK_TEXT("[]", sac_response_journal(response));
    sac_response_free(response);
    sac_request_free(request);
}

/* What a request says of itself counts, and the client's own settings stay. */
static void check_own_settings(const sac_client *client)
{
    sac_request *request = NULL;
    CHECK_CODE(SAC_OK, sac_request_new("GET", "/v1/redirect", &request));
    CHECK_CODE(SAC_OK, sac_request_set_verify(request, false));
    CHECK_CODE(SAC_OK, sac_request_set_redirects(request, 0));
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK(response->status == 302);
    sac_response_free(response);
    CHECK_CODE(SAC_OK, sac_request_set_redirects(request, 1));
    CHECK_CODE(SAC_OK, sac_request_set_max_body_bytes(request, 1));
    CHECK_CODE(SAC_ERR_TOO_LARGE, code_of(sac_send(client, request)));
    sac_request_free(request);

    CHECK_CODE(SAC_OK, sac_request_new("GET", "/v1/slow?ms=5000", &request));
    CHECK_CODE(SAC_OK, sac_request_set_timeout_ms(request, 50));
    CHECK_CODE(SAC_ERR_TIMEOUT, code_of(sac_send(client, request)));
    sac_request_free(request);
}

static void check_repair(void)
{
    static const char damaged[] = "{'a': [1, 2,], b: True";
    static const char exact[] = " {\"a\": 1.10}";
    char *text = NULL;
    CHECK_CODE(SAC_OK, sac_json_repair(damaged, sizeof damaged - 1, &text));
    CHECK(text && strstr(text, "\"a\"") && strstr(text, "true"));
    sac_string_free(text);
    CHECK_CODE(SAC_OK, sac_json_repair(exact, sizeof exact - 1, &text));
    CHECK_TEXT(exact, text);
    sac_string_free(text);
}

static void check_accounts(const sac_client *client)
{
    char *stats = NULL;
    sac_response *response = sac_get(client, "/v1/items/1");
    CHECK_RESPONSE(response);
    CHECK(strstr(sac_response_journal(response), "\"status\":200") != NULL);
    CHECK(sac_response_journal(response) == sac_response_journal(response));
    sac_response_free(response);
    CHECK_CODE(SAC_OK, sac_client_stats(client, &stats));
    CHECK(stats && strstr(stats, "\"requests\":") && strstr(stats, "\"retries\":{"));
    sac_string_free(stats);
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    check_null(client);
    check_null_request();
    check_request();
    check_out_of_range(client);
    check_cancel(client);
    check_own_settings(client);
    check_accounts(client);
    check_repair();
    sac_client_free(client);
    return check_result();
}
