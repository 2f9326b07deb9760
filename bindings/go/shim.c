#include "shim.h"

#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"

/* The context of the current call of this thread, for its callbacks, which run on the same thread. */
static _Thread_local uintptr_t current_context;

/* The position of the next argument. Only Go writes scripts, so no bounds are checked. */
typedef struct reader {
    const uint8_t *next;
} reader;

static const char *read_text(reader *reader)
{
    const char *text = (const char *)reader->next;
    reader->next += strlen(text) + 1;
    return text;
}

static uint64_t read_number(reader *reader)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number |= (uint64_t)reader->next[i] << (8 * i);
    reader->next += 8;
    return number;
}

static sac_code new_request_for_url(const sac_client *client, const char *method, const char *url,
                                    sac_request **request)
{
    char *path = NULL;
    sac_code code = sac_client_path_of(client, url, &path);
    if (code == SAC_OK)
        code = sac_request_new(method, path, request);
    sac_string_free(path);
    return code;
}

/* "" means NULL. */
static const char *read_optional(reader *reader)
{
    const char *text = read_text(reader);
    return *text ? text : NULL;
}

static sac_code add_part(sac_request *request, reader *reader)
{
    const char *name = read_text(reader);
    const char *file_name = read_optional(reader);
    const char *content_type = read_optional(reader);
    size_t len = (size_t)read_number(reader);
    const uint8_t *bytes = reader->next;
    reader->next += len;
    return sac_request_add_part(request, name, file_name, content_type, bytes, len);
}

static sac_code add_part_file(sac_request *request, reader *reader)
{
    const char *name = read_text(reader);
    const char *path = read_text(reader);
    return sac_request_add_part_file(request, name, path, read_optional(reader));
}

/* These five run on the thread that makes the call. */
static bool on_data(void *userdata, const uint8_t *bytes, size_t len)
{
    (void)userdata;
    return goSacData(current_context, (uint8_t *)bytes, len);
}

static bool on_progress(void *userdata, uint64_t sent, uint64_t to_send, uint64_t received,
                          uint64_t to_receive)
{
    (void)userdata;
    return goSacProgress(current_context, sent, to_send, received, to_receive);
}

static int64_t on_read(void *userdata, uint8_t *buffer, size_t size)
{
    (void)userdata;
    return goSacRead(current_context, buffer, size);
}

static bool on_rewind(void *userdata)
{
    (void)userdata;
    return goSacRewind(current_context);
}

static void on_trace(void *userdata, const char *event)
{
    (void)userdata;
    goSacTrace(current_context, (char *)event);
}

static sac_code set_body_reader(sac_request *request, reader *reader)
{
    const char *content_type = read_text(reader);
    int64_t length = (int64_t)read_number(reader);
    bool can_rewind = read_number(reader) != 0;
    sac_code code = sac_request_set_body_callback(request, content_type, length, on_read, NULL);
    if (code == SAC_OK)
        code = sac_request_set_rewind_callback(request, can_rewind ? on_rewind : NULL, NULL);
    return code;
}

static sac_code set_statuses(sac_request *request, reader *reader)
{
    uint16_t statuses[GOSAC_STATUSES];
    size_t count = (size_t)read_number(reader);
    if (count > GOSAC_STATUSES)
        return SAC_ERR_INVALID_ARGUMENT;
    for (size_t i = 0; i < count; i++)
        statuses[i] = (uint16_t)read_number(reader);
    return sac_request_set_retry_statuses(request, statuses, count);
}

#include "shim_steps.h"

/* If a step has two arguments, the first is read into a variable, because C does not define the order of
 * evaluation. */
static sac_code apply_step(const sac_client *client, sac_request **request, reader *reader,
                          const uint8_t *body, size_t body_len)
{
    int step = *reader->next++;
    const char *text;

    switch (step) {
    case GOSAC_PATH:
        text = read_text(reader);
        return sac_request_new(text, read_text(reader), request);
    case GOSAC_URL:
        text = read_text(reader);
        return new_request_for_url(client, text, read_text(reader), request);
    case GOSAC_HEADER:
        text = read_text(reader);
        return sac_request_set_header(*request, text, read_text(reader));
    case GOSAC_QUERY:
        text = read_text(reader);
        return sac_request_add_query(*request, text, read_text(reader));
    case GOSAC_FORM_FIELD:
        text = read_text(reader);
        return sac_request_add_form_field(*request, text, read_text(reader));
    case GOSAC_JSON:
        return sac_request_set_json(*request, (const char *)body);
    case GOSAC_BODY:
        return sac_request_set_body(*request, read_text(reader), body, body_len);
    case GOSAC_IDEMPOTENCY_KEY:
        return sac_request_set_idempotency_key(*request, read_text(reader));
    case GOSAC_BODY_FILE:
        text = read_text(reader);
        return sac_request_set_body_file(*request, text, read_text(reader));
    case GOSAC_PART:
        return add_part(*request, reader);
    case GOSAC_PART_FILE:
        return add_part_file(*request, reader);
    case GOSAC_OUTPUT_FILE:
        return sac_request_set_output_file(*request, read_text(reader));
    case GOSAC_OUTPUT:
        return sac_request_set_output_callback(*request, on_data, NULL);
    case GOSAC_PROGRESS:
        return sac_request_set_progress_callback(*request, on_progress, NULL);
    case GOSAC_BODY_READER:
        return set_body_reader(*request, reader);
    case GOSAC_RECORDS:
        return sac_request_set_records(*request, (sac_records)read_number(reader));
    case GOSAC_LAST_EVENT_ID:
        return sac_request_set_last_event_id(*request, read_text(reader));
    case GOSAC_RAW:
        return sac_request_set_raw(*request, true);
    case GOSAC_TRACE:
        return sac_request_set_trace_callback(*request, on_trace, NULL);
    default:
        return apply_setting(*request, step, reader);
    }
}

static sac_code prepare(const sac_client *client, const uint8_t *steps, size_t len,
                        const uint8_t *body, size_t body_len, sac_request **request, size_t *step)
{
    reader reader = {steps};
    const uint8_t *end = steps + len;
    sac_code code = SAC_OK;
    while (code == SAC_OK && reader.next < end) {
        *step = (size_t)(reader.next - steps);
        code = apply_step(client, request, &reader, body, body_len);
    }
    return code;
}

/* Makes a one-line call that is refused for the same reason, because its response says more than a code.
 * Returns NULL if there is no such call. */
static sac_response *refusal_response(sac_code code, const sac_client *client, const uint8_t *step,
                                      const uint8_t *body)
{
    reader reader = {step + 1};
    if (*step == GOSAC_PATH && code == SAC_ERR_INVALID_PATH) {
        read_text(&reader); /* the method, which is valid */
        return sac_get(client, read_text(&reader));
    }
    if (*step == GOSAC_JSON && code == SAC_ERR_INVALID_JSON)
        return sac_post_json(client, "/", (const char *)body);
    return NULL;
}

/* Sets the limits of the context. Neither setter can fail here. */
static void set_limits(sac_request *request, sac_cancel *cancel, uint64_t deadline_ms)
{
    if (cancel)
        sac_request_set_cancel(request, cancel);
    if (deadline_ms != UINT64_MAX)
        sac_request_set_deadline_ms(request, deadline_ms);
}

/* Sets the context for the callbacks of a call. Returns the outer one, because a callback may make a call too. */
static uintptr_t enter(uintptr_t context)
{
    uintptr_t outer = current_context;
    current_context = context;
    return outer;
}

static sac_response *send_in(uintptr_t context, const sac_client *client,
                             const sac_request *request)
{
    uintptr_t outer = enter(context);
    sac_response *response = sac_send(client, request);
    enter(outer);
    return response;
}

static sac_stream *open_in(uintptr_t context, const sac_client *client, const sac_request *request)
{
    uintptr_t outer = enter(context);
    sac_stream *stream = sac_stream_open(client, request);
    enter(outer);
    return stream;
}

static bool is_body(const sac_response *response)
{
    return response->json == (const char *)response->body && response->json_len == response->body_len;
}

/* Appends the body and the JSON to the text of a result. Returns false if they do not fit. */
static bool copy_body(const sac_response *response, gosac_result *result)
{
    size_t body_len = response->body_len, json_len = result->json_is_body ? 0 : response->json_len;
    size_t free_len = GOSAC_INLINE_TEXT - result->sizes.text_len;
    if (body_len > free_len || json_len > free_len - body_len)
        return false;
    char *end = result->text + result->sizes.text_len;
    memcpy(end, response->body, body_len);
    memcpy(end + body_len, response->json, json_len);
    result->sizes.text_len += body_len + json_len;
    return true;
}

static void read_response(const sac_response *response, bool keep, gosac_result *result)
{
    result->code = response->code;
    result->status = response->status;
    result->json_state = response->json_state;
    result->attempts = response->attempts;
    result->elapsed_us = response->elapsed_us;
    result->body_len = response->body_len;
    result->json_len = response->json_len;
    result->json_is_body = is_body(response);
    result->sizes.count = GOSAC_INLINE_FIELDS;
    result->sizes.names_len = GOSAC_INLINE_NAMES;
    result->sizes.text_len = GOSAC_INLINE_TEXT;
    bool fits = gosac_fields(response, &result->sizes, result->names, result->value_lens, result->text);
    result->wants_journal = keep || result->code != SAC_OK || result->attempts != 1;
    if (fits && !result->wants_journal && !result->sizes.has_link)
        result->whole = copy_body(response, result);
}

/* Makes the request of a call. If a step is refused, returns the response that says why, if there is one. */
static sac_response *begin(const sac_client *client, const uint8_t *steps, size_t len,
                           const uint8_t *body, size_t body_len, sac_cancel *cancel,
                           uint64_t deadline_ms, sac_request **request, gosac_result *result)
{
    result->step = 0;
    result->whole = false;
    result->refused_code = prepare(client, steps, len, body, body_len, request, &result->step);
    if (result->refused_code != SAC_OK)
        return refusal_response(result->refused_code, client, steps + result->step, body);
    set_limits(*request, cancel, deadline_ms);
    return NULL;
}

sac_response *gosac_send(const sac_client *client, const uint8_t *steps, size_t len,
                         const uint8_t *body, size_t body_len, sac_cancel *cancel,
                         uint64_t deadline_ms, uintptr_t context, bool keep, gosac_result *result)
{
    sac_request *request = NULL;
    sac_response *response =
        begin(client, steps, len, body, body_len, cancel, deadline_ms, &request, result);
    if (result->refused_code == SAC_OK)
        response = send_in(context, client, request);
    sac_request_free(request);
    if (response)
        read_response(response, keep, result);
    if (result->whole) {
        sac_response_free(response);
        response = NULL;
    }
    return response;
}

gosac_opened gosac_open(const sac_client *client, const uint8_t *steps, size_t len,
                        const uint8_t *body, size_t body_len, sac_cancel *cancel,
                        uint64_t deadline_ms, uintptr_t context, bool keep, gosac_result *result)
{
    sac_request *request = NULL;
    gosac_opened opened = {NULL, NULL};
    opened.refusal = begin(client, steps, len, body, body_len, cancel, deadline_ms, &request, result);
    if (result->refused_code == SAC_OK)
        opened.stream = open_in(context, client, request);
    sac_request_free(request);
    const sac_response *head = opened.stream ? sac_stream_head(opened.stream) : opened.refusal;
    if (head)
        read_response(head, keep, result);
    return opened;
}

int64_t gosac_stream_read(sac_stream *stream, uint8_t *buffer, size_t size, uintptr_t context)
{
    size_t read = 0;
    uintptr_t outer = enter(context);
    sac_code code = sac_stream_read(stream, buffer, size, &read);
    enter(outer);
    return code == SAC_OK ? (int64_t)read : -(int64_t)code;
}

const sac_event *gosac_stream_next(sac_stream *stream, uintptr_t context)
{
    uintptr_t outer = enter(context);
    const sac_event *event = sac_stream_next(stream);
    enter(outer);
    return event;
}

/* Appends bytes if they fit, and in any case counts them. */
static void append(char *to, size_t capacity, size_t *used, const char *bytes, size_t len)
{
    if (*used + len <= capacity)
        memcpy(to + *used, bytes, len);
    *used += len;
}

bool gosac_fields(const sac_response *response, gosac_sizes *sizes, char *names, uint32_t *value_lens,
                  char *text)
{
    const gosac_sizes capacity = *sizes;
    const char *reason = sac_response_reason(response);
    gosac_sizes used = {sac_response_header_count(response), strlen(reason), 0, 0, false};
    append(text, capacity.text_len, &used.text_len, reason, used.reason_len);
    for (size_t i = 0; i < used.count; i++) {
        const char *name = "", *value = "";
        sac_response_header_at(response, i, &name, &value);
        size_t value_len = strlen(value);
        used.has_link = used.has_link || strcmp(name, "link") == 0;
        if (i < capacity.count)
            value_lens[i] = (uint32_t)value_len;
        append(names, capacity.names_len, &used.names_len, name, strlen(name) + 1);
        append(text, capacity.text_len, &used.text_len, value, value_len);
    }
    *sizes = used;
    return used.count <= capacity.count && used.names_len <= capacity.names_len &&
           used.text_len <= capacity.text_len;
}

static void log_line(void *userdata, int32_t level, const char *message)
{
    goSacLog((uintptr_t)userdata, current_context, level, (char *)message);
}

static bool may_retry(void *userdata, uint32_t attempt, int32_t code, int32_t status,
                      uint64_t wait_ms)
{
    return goSacMayRetry((uintptr_t)userdata, current_context, attempt, code, status, wait_ms);
}

static bool on_attempt(void *userdata, sac_attempt *attempt)
{
    return goSacAttempt((uintptr_t)userdata, current_context, attempt);
}

sac_code gosac_set_logger(sac_client *client, uintptr_t logger, int32_t level)
{
    return sac_set_logger(client, logger ? log_line : NULL, (void *)logger, level);
}

sac_code gosac_set_retry_callback(sac_client *client, uintptr_t decider)
{
    return sac_set_retry_callback(client, decider ? may_retry : NULL, (void *)decider);
}

sac_code gosac_set_attempt_callback(sac_client *client, uintptr_t function)
{
    return sac_set_attempt_callback(client, function ? on_attempt : NULL, (void *)function);
}

static sac_code fetch_token(void *userdata, int32_t reason, sac_token *token)
{
    return goSacToken((uintptr_t)userdata, current_context, reason, token);
}

static void save_token(void *userdata, const char *access, const char *refresh,
                       uint64_t expires_in_ms)
{
    goSacTokenSaved((uintptr_t)userdata, current_context, (char *)access, (char *)refresh,
                    expires_in_ms);
}

sac_code gosac_set_token_callback(sac_client *client, uintptr_t source)
{
    return sac_set_token_callback(client, source ? fetch_token : NULL, (void *)source);
}

sac_code gosac_set_token_saved_callback(sac_client *client, uintptr_t saver)
{
    return sac_set_token_saved_callback(client, saver ? save_token : NULL, (void *)saver);
}

sac_code gosac_cookie_verify(const char *cookie, const char *keys, size_t count,
                             uint64_t max_age_s, int32_t digest, char **payload_json)
{
    const char **pointers = calloc(2 * count + 1, sizeof *pointers);
    if (!pointers)
        return SAC_ERR_INTERNAL;
    reader reader = {(const uint8_t *)keys};
    for (size_t i = 0; i < count; i++) {
        pointers[i] = read_text(&reader);
        pointers[count + i] = read_text(&reader);
    }
    sac_code code = sac_cookie_verify(cookie, pointers, pointers + count, count, max_age_s, digest,
                                      payload_json);
    free(pointers);
    return code;
}

sac_code gosac_webhook_verify(int32_t scheme, const char *secrets, size_t count, const char *fields,
                              size_t field_count, const uint8_t *body, size_t len,
                              uint64_t tolerance_s, char **id)
{
    const char **pointers = calloc(count + 2 * field_count + 1, sizeof *pointers);
    if (!pointers)
        return SAC_ERR_INTERNAL;
    reader secret_reader = {(const uint8_t *)secrets}, field_reader = {(const uint8_t *)fields};
    for (size_t i = 0; i < count; i++)
        pointers[i] = read_text(&secret_reader);
    for (size_t i = 0; i < 2 * field_count; i++)
        pointers[count + i] = read_text(&field_reader);
    sac_code code = sac_webhook_verify(scheme, pointers, count, pointers + count, body, len,
                                       tolerance_s, id);
    free(pointers);
    return code;
}
