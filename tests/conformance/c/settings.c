#include "perform.h"
#include <string.h>

enum { MOST_STATUSES = 16 };

static const struct {
    const char *name;
    sac_code (*set)(sac_client *client, uint64_t value);
} wide_numbers[] = {
    {"timeout_ms", sac_set_timeout_ms},
    {"connect_timeout_ms", sac_set_connect_timeout_ms},
    {"read_timeout_ms", sac_set_read_timeout_ms},
    {"deadline_ms", sac_set_deadline_ms},
    {"max_body_bytes", sac_set_max_body_bytes},
    {"retry_after_max_ms", sac_set_retry_after_max_ms},
    {"connection_max_age_ms", sac_set_connection_max_age_ms},
};

static const struct {
    const char *name;
    sac_code (*set)(sac_client *client, uint32_t value);
} numbers[] = {
    {"redirects", sac_set_redirects},
    {"retry_attempts", sac_set_retry_attempts},
};

static const struct {
    const char *name;
    sac_code (*set)(sac_client *client, const char *value);
} texts[] = {
    {"bearer", sac_add_bearer},
    {"user_agent", sac_set_user_agent},
    {"ca_pem", sac_set_ca_pem},
    {"ca_file", sac_set_ca_file},
};

static const struct {
    const char *name;
    sac_code (*add)(sac_client *client, const char *name, const char *value);
    const char *removed;
    sac_code (*remove)(sac_client *client, const char *name);
} pairs[] = {
    {"headers", sac_add_header, "remove_headers", sac_remove_header},
    {"cookies", sac_add_cookie, "remove_cookies", sac_remove_cookie},
};

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static bool on_retry(void *userdata, uint32_t attempt, int32_t code, int32_t status, uint64_t wait)
{
    witness *seen = userdata;
    (void)attempt, (void)code, (void)status, (void)wait;
    seen->retry_calls++;
    return seen->allow_retries;
}

static void on_log(void *userdata, int32_t level, const char *message)
{
    witness *seen = userdata;
    (void)level;
    append(&seen->log, message);
    append(&seen->log, "\n");
}

static sac_code set_pairs(const test_case *c, const char *part, sac_client *client)
{
    sac_code code = SAC_OK;
    for (size_t p = 0; p < LENGTH(pairs); p++) {
        size_t added = count(c, "/%s/%s", part, pairs[p].name);
        size_t removed = count(c, "/%s/%s", part, pairs[p].removed);
        for (size_t i = 0; i < added && code == SAC_OK; i++)
            code = pairs[p].add(client, text(c, "/%s/%s/%zu/0", part, pairs[p].name, i),
                                text(c, "/%s/%s/%zu/1", part, pairs[p].name, i));
        for (size_t i = 0; i < removed && code == SAC_OK; i++)
            code = pairs[p].remove(client, text(c, "/%s/%s/%zu", part, pairs[p].removed, i));
    }
    return code;
}

static sac_code set_plain(const test_case *c, const char *part, sac_client *client)
{
    sac_code code = SAC_OK;
    for (size_t i = 0; i < LENGTH(texts) && code == SAC_OK; i++)
        if (has(c, "/%s/%s", part, texts[i].name))
            code = texts[i].set(client, text(c, "/%s/%s", part, texts[i].name));
    for (size_t i = 0; i < LENGTH(numbers) && code == SAC_OK; i++)
        if (has(c, "/%s/%s", part, numbers[i].name))
            code = numbers[i].set(client, (uint32_t)number(c, "/%s/%s", part, numbers[i].name));
    for (size_t i = 0; i < LENGTH(wide_numbers) && code == SAC_OK; i++)
        if (has(c, "/%s/%s", part, wide_numbers[i].name))
            code = wide_numbers[i].set(client,
                                       (uint64_t)number(c, "/%s/%s", part, wide_numbers[i].name));
    return code;
}

static sac_code set_credentials(const test_case *c, const char *part, sac_client *client)
{
    sac_code code = SAC_OK;
    if (has(c, "/%s/basic", part))
        code = sac_add_basic(client, text(c, "/%s/basic/0", part), text(c, "/%s/basic/1", part));
    if (code == SAC_OK && has(c, "/%s/signed_cookie", part))
        code = sac_add_signed_cookie(client, text(c, "/%s/signed_cookie/name", part),
                                     text(c, "/%s/signed_cookie/payload", part),
                                     text(c, "/%s/signed_cookie/key_id", part),
                                     text(c, "/%s/signed_cookie/key", part),
                                     (int32_t)number(c, "/%s/signed_cookie/digest", part));
    return code;
}

static sac_code set_retry_statuses(const test_case *c, const char *part, sac_client *client)
{
    uint16_t statuses[MOST_STATUSES];
    size_t length = count(c, "/%s/retry_statuses", part);
    for (size_t i = 0; i < length && i < MOST_STATUSES; i++)
        statuses[i] = (uint16_t)number(c, "/%s/retry_statuses/%zu", part, i);
    return sac_set_retry_statuses(client, statuses, length);
}

static sac_code set_compound(const test_case *c, const char *part, sac_client *client)
{
    sac_code code = SAC_OK;
    if (has(c, "/%s/backoff_ms", part))
        code = sac_set_backoff_ms(client, (uint64_t)number(c, "/%s/backoff_ms/0", part),
                                  (uint64_t)number(c, "/%s/backoff_ms/1", part));
    if (code == SAC_OK && has(c, "/%s/retry_statuses", part))
        code = set_retry_statuses(c, part, client);
    if (code == SAC_OK && has(c, "/%s/rate_limit", part))
        code = sac_set_rate_limit(client, (uint32_t)number(c, "/%s/rate_limit/0", part),
                                  (uint64_t)number(c, "/%s/rate_limit/1", part),
                                  (uint32_t)number(c, "/%s/rate_limit/2", part));
    if (code == SAC_OK && has(c, "/%s/verify", part))
        code = sac_set_verify(client, truth(c, "/%s/verify", part));
    if (code == SAC_OK && has(c, "/%s/min_tls", part))
        code = sac_set_min_tls(client, (int32_t)number(c, "/%s/min_tls", part));
    return code;
}

static sac_code set_callbacks(const test_case *c, const char *part, sac_client *client,
                              witness *seen)
{
    sac_code code = SAC_OK;
    if (has(c, "/%s/retry_callback", part)) {
        seen->allow_retries = truth(c, "/%s/retry_callback", part);
        code = sac_set_retry_callback(client, on_retry, seen);
    }
    if (code == SAC_OK && has(c, "/%s/log_level", part))
        code = sac_set_logger(client, on_log, seen, (int32_t)number(c, "/%s/log_level", part));
    return code;
}

sac_code set_up(const test_case *c, const char *part, sac_client *client, witness *seen)
{
    if (truth(c, "/%s/reset", part))
        sac_client_reset(client);
    sac_code code = set_pairs(c, part, client);
    if (code == SAC_OK)
        code = set_plain(c, part, client);
    if (code == SAC_OK)
        code = set_credentials(c, part, client);
    if (code == SAC_OK)
        code = set_compound(c, part, client);
    if (code == SAC_OK)
        code = set_callbacks(c, part, client, seen);
    return code;
}
