#include "check.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *or_none(const char *string)
{
    return string ? string : "(none)";
}

void same_text(test_case *c, const char *what, const char *expected, const char *actual)
{
    if (!expected != !actual || (expected && strcmp(expected, actual) != 0))
        fail(c, "%s is %s instead of %s", what, or_none(actual), or_none(expected));
}

static void same_number(test_case *c, const char *what, int64_t expected, int64_t actual)
{
    if (expected != actual)
        fail(c, "%s is %" PRId64 " instead of %" PRId64, what, actual, expected);
}

const char *name_of_state(sac_json_state state)
{
    static const char *const names[] = {"none", "exact", "repaired"};
    return state >= 0 && state <= SAC_JSON_REPAIRED ? names[state] : "unknown";
}

/* Checks that every string of a list is in a text, or that none is. */
static void check_contains(test_case *c, const char *list, const char *in, bool wanted)
{
    size_t length = count(c, "/expect/%s", list);
    for (size_t i = 0; i < length; i++) {
        const char *word = text(c, "/expect/%s/%zu", list, i);
        if ((strstr(in, word) != NULL) != wanted)
            fail(c, "%s: %s: %s", list, word, in);
    }
}

static void check_head(test_case *c, const outcome *out)
{
    const sac_response *response = out->response;
    size_t headers = count(c, "/expect/headers"), links = count(c, "/expect/links");
    if (has(c, "/expect/reason"))
        same_text(c, "reason", text(c, "/expect/reason"), sac_response_reason(response));
    if (has(c, "/expect/status"))
        same_number(c, "status", number(c, "/expect/status"), response->status);
    if (has(c, "/expect/attempts"))
        same_number(c, "attempts", number(c, "/expect/attempts"), response->attempts);
    for (size_t i = 0; i < headers; i++) {
        const char *name = text(c, "/expect/headers/%zu/0", i);
        same_text(c, name, text(c, "/expect/headers/%zu/1", i), sac_response_header(response, name));
    }
    for (size_t i = 0; i < links; i++) {
        const char *rel = text(c, "/expect/links/%zu/0", i);
        same_text(c, rel, text(c, "/expect/links/%zu/1", i), sac_response_link(response, rel));
    }
}

static void check_body(test_case *c, const sac_response *response)
{
    if (!has(c, "/expect/body_base64"))
        return;
    bytes expected = decode_base64(text(c, "/expect/body_base64"));
    if (expected.length != response->body_len ||
        memcmp(expected.data, response->body, expected.length) != 0)
        fail(c, "the body is different, with %zu bytes", response->body_len);
    free(expected.data);
}

/* Checks the rules for every response, and what this case expects. */
static void check_json(test_case *c, const sac_response *response)
{
    if (strlen(response->json) != response->json_len)
        fail(c, "json_len is not the length of json");
    if ((response->code == SAC_OK) != (response->error == NULL))
        fail(c, "error is %s", or_none(response->error));
    if (response->error)
        same_text(c, "error in json", response->error, sac_json_string(response, "/error", NULL));
    if (has(c, "/expect/json"))
        same_text(c, "json", text(c, "/expect/json"), response->json);
    if (has(c, "/expect/json_state"))
        same_text(c, "json_state", text(c, "/expect/json_state"),
                  name_of_state(response->json_state));
    check_contains(c, "journal_contains", sac_response_journal(response), true);
}

/* `error`: that of the response, or of a stream after its last record. */
static void check_error(test_case *c, const char *error)
{
    if (has(c, "/expect/error"))
        same_text(c, "error", text(c, "/expect/error"), error);
    check_contains(c, "error_contains", error ? error : "", true);
}

static void check_callbacks(test_case *c, const callback_log *seen)
{
    const char *log = seen->log.data ? (const char *)seen->log.data : "";
    if (has(c, "/expect/retry_calls"))
        same_number(c, "retry_calls", number(c, "/expect/retry_calls"), seen->retry_calls);
    check_contains(c, "log_contains", log, true);
    check_contains(c, "log_lacks", log, false);
}

static void check_paths(test_case *c, const sac_client *client)
{
    size_t length = count(c, "/expect/paths_of");
    for (size_t i = 0; i < length; i++) {
        char *path = NULL;
        const char *url = text(c, "/expect/paths_of/%zu/0", i);
        sac_client_path_of(client, url, &path);
        same_text(c, url, text(c, "/expect/paths_of/%zu/1", i), path);
        sac_string_free(path);
    }
}

void check(test_case *c, const outcome *out)
{
    sac_code code = out->code;
    if (out->stream) {
        check_records(c, out->stream);
        code = sac_stream_code(out->stream);
    }
    same_text(c, "code", text(c, "/expect/code"), sac_code_name(code));
    if (out->response) {
        check_head(c, out);
        check_body(c, out->response);
        check_json(c, out->response);
        check_error(c, out->stream ? sac_stream_error(out->stream) : out->response->error);
        check_values(c, out->response);
    }
    check_callbacks(c, &out->seen);
    check_paths(c, out->client);
}

static void check_words(test_case *c, size_t i, const char *list, const char *raw, size_t length,
                        bool wanted)
{
    size_t words = count(c, "/expect/requests/%zu/%s", i, list);
    for (size_t w = 0; w < words; w++) {
        size_t word_length = 0;
        const char *word =
            text_and_length(c, &word_length, "/expect/requests/%zu/%s/%zu", i, list, w);
        if (contains(raw, length, word, word_length) != wanted)
            fail(c, "request %zu %s %s", i, list, word);
    }
}

static void check_request(test_case *c, size_t i, const char *raw, size_t length)
{
    size_t wanted = 0;
    const char *start = text_and_length(c, &wanted, "/expect/requests/%zu/starts_with", i);
    if (start && !begins_with(raw, length, start, wanted))
        fail(c, "request %zu does not start with %s", i, start);
    const char *end = text_and_length(c, &wanted, "/expect/requests/%zu/ends_with", i);
    if (end && !ends_with(raw, length, end, wanted))
        fail(c, "request %zu does not end with %s", i, end);
    check_words(c, i, "contains", raw, length, true);
    check_words(c, i, "lacks", raw, length, false);
}

void check_requests(test_case *c, const sac_response *seen)
{
    if (!has(c, "/expect/requests"))
        return;
    size_t expected = count(c, "/expect/requests"), length = sac_json_length(seen, "");
    if (length != expected)
        fail(c, "the server received %zu requests instead of %zu", length, expected);
    for (size_t i = 0; i < expected && i < length; i++) {
        char pointer[32];
        size_t size = 0;
        snprintf(pointer, sizeof pointer, "/%zu", i);
        const char *raw = sac_json_string(seen, pointer, &size);
        check_request(c, i, raw, size);
        if (c->failed)
            printf("%s\n", raw);
    }
}
