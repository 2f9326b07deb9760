#include "perform.h"
#include <stdio.h>
#include <string.h>

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
    callback_log *seen = userdata;
    (void)attempt, (void)code, (void)status, (void)wait;
    seen->retry_calls++;
    return seen->allow_retries;
}

static bool on_attempt(void *userdata, sac_attempt *attempt)
{
    const callback_log *seen = userdata;
    char value[512];
    snprintf(value, sizeof value, "%u %s %s %s", (unsigned)sac_attempt_number(attempt),
             sac_attempt_method(attempt), sac_attempt_target(attempt),
             sac_attempt_body_sha256(attempt));
    return sac_attempt_set_header(attempt, "X-Attempt", value) == SAC_OK && seen->allow_attempts;
}

static sac_code on_token(void *userdata, int32_t reason, sac_token *token)
{
    callback_log *seen = userdata;
    (void)reason;
    size_t last = count(seen->of, "/%s/tokens", seen->part) - 1;
    size_t next = seen->token_calls < last ? seen->token_calls : last;
    seen->token_calls++;
    return sac_token_set(token, text(seen->of, "/%s/tokens/%zu", seen->part, next), 0);
}

static void on_log(void *userdata, int32_t level, const char *message)
{
    callback_log *seen = userdata;
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

static sac_code set_credentials(const test_case *c, const char *part, sac_client *client)
{
    sac_code code = SAC_OK;
    if (has(c, "/%s/bearer", part))
        code = sac_add_bearer(client, text(c, "/%s/bearer", part));
    if (code == SAC_OK && has(c, "/%s/basic", part))
        code = sac_add_basic(client, text(c, "/%s/basic/0", part), text(c, "/%s/basic/1", part));
    if (code == SAC_OK && has(c, "/%s/digest", part))
        code = sac_add_digest(client, text(c, "/%s/digest/0", part), text(c, "/%s/digest/1", part));
    if (code == SAC_OK && has(c, "/%s/signed_cookie", part))
        code = sac_add_signed_cookie(client, text(c, "/%s/signed_cookie/name", part),
                                     text(c, "/%s/signed_cookie/payload", part),
                                     text(c, "/%s/signed_cookie/key_id", part),
                                     text(c, "/%s/signed_cookie/key", part),
                                     (int32_t)number(c, "/%s/signed_cookie/digest", part));
    if (code == SAC_OK && has(c, "/%s/aws_sigv4", part))
        code = sac_set_aws_sigv4(
            client, text(c, "/%s/aws_sigv4/0", part), text(c, "/%s/aws_sigv4/1", part),
            text(c, "/%s/aws_sigv4/2", part), text(c, "/%s/aws_sigv4/3", part),
            text(c, "/%s/aws_sigv4/4", part));
    return code;
}

static sac_code set_token_source(const test_case *c, const char *part, sac_client *client)
{
    if (has(c, "/%s/bearer_file", part))
        return sac_set_bearer_file(client, text(c, "/%s/bearer_file", part));
    if (has(c, "/%s/client_credentials", part))
        return sac_set_oauth2_client_credentials(
            client, text(c, "/%s/client_credentials/token_url", part),
            text(c, "/%s/client_credentials/client_id", part),
            text(c, "/%s/client_credentials/client_secret", part),
            text(c, "/%s/client_credentials/scope", part));
    if (has(c, "/%s/refresh_token", part))
        return sac_set_oauth2_refresh_token(client, text(c, "/%s/refresh_token/token_url", part),
                                            text(c, "/%s/refresh_token/client_id", part),
                                            text(c, "/%s/refresh_token/client_secret", part),
                                            text(c, "/%s/refresh_token/refresh_token", part));
    return SAC_OK;
}

static sac_code set_callbacks(const test_case *c, const char *part, sac_client *client,
                              callback_log *seen)
{
    sac_code code = SAC_OK;
    if (has(c, "/%s/retry_callback", part)) {
        seen->allow_retries = truth(c, "/%s/retry_callback", part);
        code = sac_set_retry_callback(client, on_retry, seen);
    }
    if (code == SAC_OK && has(c, "/%s/attempt_callback", part)) {
        seen->allow_attempts = truth(c, "/%s/attempt_callback", part);
        code = sac_set_attempt_callback(client, on_attempt, seen);
    }
    if (code == SAC_OK && has(c, "/%s/tokens", part)) {
        seen->of = c;
        seen->part = part;
        code = sac_set_token_callback(client, on_token, seen);
    }
    if (code == SAC_OK && has(c, "/%s/log_level", part))
        code = sac_set_logger(client, on_log, seen, (int32_t)number(c, "/%s/log_level", part));
    return code;
}

sac_code set_up(const test_case *c, const char *part, sac_client *client, callback_log *seen)
{
    if (truth(c, "/%s/reset", part))
        sac_client_reset(client);
    sac_code code = set_pairs(c, part, client);
    if (code == SAC_OK)
        code = set_credentials(c, part, client);
    if (code == SAC_OK)
        code = set_token_source(c, part, client);
    if (code == SAC_OK)
        code = set_settings_of_client(c, part, client);
    if (code == SAC_OK)
        code = set_callbacks(c, part, client, seen);
    return code;
}
