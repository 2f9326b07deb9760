/* How the C runner reads settings. Generated from interface/settings.toml by `make interface`. Do not edit. */
#include "perform.h"

enum { MOST_STATUSES = 16 };

static sac_code set_statuses_of_client(const test_case *c, const char *part, sac_client *client)
{
    uint16_t statuses[MOST_STATUSES];
    size_t length = count(c, "/%s/retry_statuses", part);
    for (size_t i = 0; i < length && i < MOST_STATUSES; i++)
        statuses[i] = (uint16_t)number(c, "/%s/retry_statuses/%zu", part, i);
    return sac_set_retry_statuses(client, statuses, length);
}

sac_code set_settings_of_client(const test_case *c, const char *part, sac_client *client)
{
    sac_code code = SAC_OK;
    if (code == SAC_OK && has(c, "/%s/timeout_ms", part))
        code = sac_set_timeout_ms(client, (uint64_t)number(c, "/%s/timeout_ms", part));
    if (code == SAC_OK && has(c, "/%s/connect_timeout_ms", part))
        code = sac_set_connect_timeout_ms(client, (uint64_t)number(c, "/%s/connect_timeout_ms", part));
    if (code == SAC_OK && has(c, "/%s/read_timeout_ms", part))
        code = sac_set_read_timeout_ms(client, (uint64_t)number(c, "/%s/read_timeout_ms", part));
    if (code == SAC_OK && has(c, "/%s/deadline_ms", part))
        code = sac_set_deadline_ms(client, (uint64_t)number(c, "/%s/deadline_ms", part));
    if (code == SAC_OK && has(c, "/%s/retry_attempts", part))
        code = sac_set_retry_attempts(client, (uint32_t)number(c, "/%s/retry_attempts", part));
    if (code == SAC_OK && has(c, "/%s/backoff_ms", part))
        code = sac_set_backoff_ms(client, (uint64_t)number(c, "/%s/backoff_ms/0", part), (uint64_t)number(c, "/%s/backoff_ms/1", part));
    if (code == SAC_OK && has(c, "/%s/retry_statuses", part))
        code = set_statuses_of_client(c, part, client);
    if (code == SAC_OK && has(c, "/%s/retry_after_max_ms", part))
        code = sac_set_retry_after_max_ms(client, (uint64_t)number(c, "/%s/retry_after_max_ms", part));
    if (code == SAC_OK && has(c, "/%s/retry_budget", part))
        code = sac_set_retry_budget(client, (uint32_t)number(c, "/%s/retry_budget", part));
    if (code == SAC_OK && has(c, "/%s/rate_limit", part))
        code = sac_set_rate_limit(client, (uint32_t)number(c, "/%s/rate_limit/0", part), (uint64_t)number(c, "/%s/rate_limit/1", part), (uint32_t)number(c, "/%s/rate_limit/2", part));
    if (code == SAC_OK && has(c, "/%s/max_body_bytes", part))
        code = sac_set_max_body_bytes(client, (uint64_t)number(c, "/%s/max_body_bytes", part));
    if (code == SAC_OK && has(c, "/%s/redirects", part))
        code = sac_set_redirects(client, (uint32_t)number(c, "/%s/redirects", part));
    if (code == SAC_OK && has(c, "/%s/user_agent", part))
        code = sac_set_user_agent(client, text(c, "/%s/user_agent", part));
    if (code == SAC_OK && has(c, "/%s/verify", part))
        code = sac_set_verify(client, truth(c, "/%s/verify", part));
    if (code == SAC_OK && has(c, "/%s/ca_file", part))
        code = sac_set_ca_file(client, text(c, "/%s/ca_file", part));
    if (code == SAC_OK && has(c, "/%s/ca_pem", part))
        code = sac_set_ca_pem(client, text(c, "/%s/ca_pem", part));
    if (code == SAC_OK && has(c, "/%s/pinned_keys", part))
        code = sac_set_pinned_keys(client, text(c, "/%s/pinned_keys", part));
    if (code == SAC_OK && has(c, "/%s/min_tls", part))
        code = sac_set_min_tls(client, (int32_t)number(c, "/%s/min_tls", part));
    if (code == SAC_OK && has(c, "/%s/cookie_jar", part))
        code = sac_set_cookie_jar(client, truth(c, "/%s/cookie_jar", part));
    if (code == SAC_OK && has(c, "/%s/connection_max_age_ms", part))
        code = sac_set_connection_max_age_ms(client, (uint64_t)number(c, "/%s/connection_max_age_ms", part));
    return code;
}

static sac_code set_statuses_of_request(const test_case *c, const char *part, sac_request *request)
{
    uint16_t statuses[MOST_STATUSES];
    size_t length = count(c, "/%s/retry_statuses", part);
    for (size_t i = 0; i < length && i < MOST_STATUSES; i++)
        statuses[i] = (uint16_t)number(c, "/%s/retry_statuses/%zu", part, i);
    return sac_request_set_retry_statuses(request, statuses, length);
}

sac_code set_settings_of_request(const test_case *c, const char *part, sac_request *request)
{
    sac_code code = SAC_OK;
    if (code == SAC_OK && has(c, "/%s/timeout_ms", part))
        code = sac_request_set_timeout_ms(request, (uint64_t)number(c, "/%s/timeout_ms", part));
    if (code == SAC_OK && has(c, "/%s/connect_timeout_ms", part))
        code = sac_request_set_connect_timeout_ms(request, (uint64_t)number(c, "/%s/connect_timeout_ms", part));
    if (code == SAC_OK && has(c, "/%s/read_timeout_ms", part))
        code = sac_request_set_read_timeout_ms(request, (uint64_t)number(c, "/%s/read_timeout_ms", part));
    if (code == SAC_OK && has(c, "/%s/deadline_ms", part))
        code = sac_request_set_deadline_ms(request, (uint64_t)number(c, "/%s/deadline_ms", part));
    if (code == SAC_OK && has(c, "/%s/retry_attempts", part))
        code = sac_request_set_retry_attempts(request, (uint32_t)number(c, "/%s/retry_attempts", part));
    if (code == SAC_OK && has(c, "/%s/backoff_ms", part))
        code = sac_request_set_backoff_ms(request, (uint64_t)number(c, "/%s/backoff_ms/0", part), (uint64_t)number(c, "/%s/backoff_ms/1", part));
    if (code == SAC_OK && has(c, "/%s/retry_statuses", part))
        code = set_statuses_of_request(c, part, request);
    if (code == SAC_OK && has(c, "/%s/max_body_bytes", part))
        code = sac_request_set_max_body_bytes(request, (uint64_t)number(c, "/%s/max_body_bytes", part));
    if (code == SAC_OK && has(c, "/%s/redirects", part))
        code = sac_request_set_redirects(request, (uint32_t)number(c, "/%s/redirects", part));
    if (code == SAC_OK && has(c, "/%s/verify", part))
        code = sac_request_set_verify(request, truth(c, "/%s/verify", part));
    if (code == SAC_OK && has(c, "/%s/keep_alive", part))
        code = sac_request_set_keep_alive(request, truth(c, "/%s/keep_alive", part));
    return code;
}
