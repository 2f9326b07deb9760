/* Every setting refuses a NULL handle, accepts NULL as a value only if documented, and accepts the
 * largest number. Generated from interface/settings.toml by `make interface`. Do not edit. */
#include "check.h"

static void check_null_handles(void)
{
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_timeout_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_connect_timeout_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_read_timeout_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_deadline_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_attempts(NULL, UINT32_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_backoff_ms(NULL, UINT64_MAX, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_statuses(NULL, NULL, 0));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_after_max_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_retry_budget(NULL, UINT32_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_rate_limit(NULL, UINT32_MAX, UINT64_MAX, UINT32_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_max_body_bytes(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_redirects(NULL, UINT32_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_user_agent(NULL, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_verify(NULL, true));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_ca_file(NULL, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_ca_pem(NULL, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate_password(NULL, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate(NULL, "x", "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate_pem(NULL, "x", "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_pinned_keys(NULL, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_min_tls(NULL, SAC_TLS_1_3));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_cookie_jar(NULL, true));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_proxy(NULL, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_unix_socket(NULL, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_connection_max_age_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_timeout_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_connect_timeout_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_read_timeout_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_deadline_ms(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_retry_attempts(NULL, UINT32_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_backoff_ms(NULL, UINT64_MAX, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_retry_statuses(NULL, NULL, 0));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_max_body_bytes(NULL, UINT64_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_redirects(NULL, UINT32_MAX));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_verify(NULL, true));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_keep_alive(NULL, true));
}

static void check_null_values(sac_client *client)
{
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_ca_file(client, NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_ca_file(client, BAD_UTF8));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_ca_pem(client, NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_ca_pem(client, BAD_UTF8));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate(client, NULL, "x"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_client_certificate(client, BAD_UTF8, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate(client, "x", NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_client_certificate(client, "x", BAD_UTF8));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate_pem(client, NULL, "x"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_client_certificate_pem(client, BAD_UTF8, "x"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_client_certificate_pem(client, "x", NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_client_certificate_pem(client, "x", BAD_UTF8));
}

static void check_largest(sac_client *client, sac_request *request)
{
    CHECK_CODE(SAC_OK, sac_set_timeout_ms(client, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_set_connect_timeout_ms(client, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_set_read_timeout_ms(client, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_set_deadline_ms(client, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_set_retry_attempts(client, UINT32_MAX));
    CHECK_CODE(SAC_OK, sac_set_backoff_ms(client, UINT64_MAX, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_set_retry_after_max_ms(client, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_set_retry_budget(client, UINT32_MAX));
    CHECK_CODE(SAC_OK, sac_set_rate_limit(client, UINT32_MAX, UINT64_MAX, UINT32_MAX));
    CHECK_CODE(SAC_OK, sac_set_max_body_bytes(client, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_set_redirects(client, UINT32_MAX));
    CHECK_CODE(SAC_OK, sac_set_verify(client, true));
    CHECK_CODE(SAC_OK, sac_set_verify(client, false));
    CHECK_CODE(SAC_OK, sac_set_cookie_jar(client, true));
    CHECK_CODE(SAC_OK, sac_set_cookie_jar(client, false));
    CHECK_CODE(SAC_OK, sac_set_connection_max_age_ms(client, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_timeout_ms(request, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_connect_timeout_ms(request, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_read_timeout_ms(request, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_deadline_ms(request, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_retry_attempts(request, UINT32_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_backoff_ms(request, UINT64_MAX, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_max_body_bytes(request, UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_redirects(request, UINT32_MAX));
    CHECK_CODE(SAC_OK, sac_request_set_verify(request, true));
    CHECK_CODE(SAC_OK, sac_request_set_verify(request, false));
    CHECK_CODE(SAC_OK, sac_request_set_keep_alive(request, true));
    CHECK_CODE(SAC_OK, sac_request_set_keep_alive(request, false));
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    sac_request *request = new_request("GET", "/v1/items/1");
    check_null_handles();
    check_null_values(client);
    check_largest(client, request);
    sac_request_free(request);
    sac_client_free(client);
    return check_result();
}
