/*
 * The C code of the binding. It makes one call from Go to C out of a dozen.
 *
 * Go encodes a request as a script, a sequence of bytes. Each step is one byte of gosac_step, followed by
 * its arguments: a text ends with a NUL, a number has eight bytes in little-endian order. gosac_send
 * applies the script to a request of the library, sends the request, and returns the response with its
 * header fields.
 */
#ifndef GOSAC_SHIM_H
#define GOSAC_SHIM_H

#include <sac.h>

#include "shim_setting.h"

/* The steps of a script, with those of shim_setting.h. A script starts with GOSAC_PATH or GOSAC_URL, and has
 * neither later. */
enum gosac_step {
    GOSAC_PATH = 1,        /* method, path: creates the request */
    GOSAC_URL,             /* method, URL: the same, with a full URL of the client's origin */
    GOSAC_HEADER,          /* name, value */
    GOSAC_QUERY,           /* name, value */
    GOSAC_FORM_FIELD,      /* name, value */
    GOSAC_JSON,            /* none: the text is body, with a NUL at its end */
    GOSAC_BODY,            /* content type: the bytes are body */
    GOSAC_IDEMPOTENCY_KEY, /* key */
    GOSAC_BODY_FILE,       /* content type, path */
    GOSAC_PART,            /* name, file name, content type ("" for none), length, that many bytes */
    GOSAC_PART_FILE,       /* name, path, content type ("" for none) */
    GOSAC_OUTPUT_FILE,     /* path */
    GOSAC_OUTPUT,          /* none: the context's writer receives the body of the response */
    GOSAC_PROGRESS,        /* none: the context's function receives the progress */
    GOSAC_BODY_READER,     /* content type, length or -1, whether it can begin again: the context's reader is read */
    GOSAC_RECORDS,         /* kind */
    GOSAC_LAST_EVENT_ID,   /* ID */
    GOSAC_TRACE,           /* none: the context's trace receives the events */
    GOSAC_RAW              /* none: the stream passes on the body of any status, as it was sent */
};

enum {
    GOSAC_INLINE_FIELDS = 64,  /* the maximum number of header fields in a gosac_result */
    GOSAC_INLINE_NAMES = 1024, /* the maximum length of their names, each with a NUL */
    GOSAC_INLINE_TEXT = 4096,  /* the maximum length of the text */
    GOSAC_STATUSES = 500       /* the number of statuses from 100 to 599 */
};

/* The sizes of the header fields of a response, and of the text: the reason phrase, then the values in order. */
typedef struct gosac_sizes {
    size_t count;      /* the number of fields */
    size_t reason_len; /* the length of the reason phrase */
    size_t names_len;  /* the length of the names, each with a NUL */
    size_t text_len;   /* the length of the text */
    bool has_link;     /* whether there is a Link header field */
} gosac_sizes;

/* The result of a script. It contains no pointer, because cgo would check each pointer in every call. */
typedef struct gosac_result {
    sac_code refused_code; /* why the library refused a step; SAC_OK if it refused none */
    size_t step;           /* the offset of that step in the script */

    /* The rest describes the response, if there is one. */
    bool whole;            /* it is complete here, and freed: text also contains the body, then the JSON */
    bool wants_journal;    /* the Go response has a journal */
    bool json_is_body;     /* the JSON is the body, and text does not contain it again */
    sac_code code;
    int32_t status;
    sac_json_state json_state;
    uint32_t attempts;
    uint64_t elapsed_us;
    size_t body_len;
    size_t json_len;
    gosac_sizes sizes; /* if one is above its maximum, gosac_fields reads the fields again */
    uint32_t value_lens[GOSAC_INLINE_FIELDS];
    char names[GOSAC_INLINE_NAMES];
    char text[GOSAC_INLINE_TEXT];
} gosac_result;

/* Applies a script and sends the request. cancel: NULL for none. deadline_ms: replaces the deadline of
 * client and script; UINT64_MAX keeps it. context: for the callbacks of this call. Writes the response to
 * the result. Returns it too if the result is not whole: because keep is true, it is not a simple success,
 * or it is too large. Returns NULL if a step was refused and refused_code says enough. */
sac_response *gosac_send(const sac_client *client, const uint8_t *steps, size_t len,
                         const uint8_t *body, size_t body_len, sac_cancel *cancel,
                         uint64_t deadline_ms, uintptr_t context, bool keep, gosac_result *result);

/* A stream, or why there is none. */
typedef struct gosac_opened {
    sac_stream *stream;    /* NULL if a step was refused */
    sac_response *refusal; /* the response for a refused step; NULL if refused_code says enough */
} gosac_opened;

/* Like gosac_send, but opens a stream. The result describes its head. */
gosac_opened gosac_open(const sac_client *client, const uint8_t *steps, size_t len,
                        const uint8_t *body, size_t body_len, sac_cancel *cancel,
                        uint64_t deadline_ms, uintptr_t context, bool keep, gosac_result *result);

/* Reads bytes. Returns their number, 0 at the end, or a negated code after a failure. */
int64_t gosac_stream_read(sac_stream *stream, uint8_t *buffer, size_t size, uintptr_t context);

/* Like sac_stream_next. */
const sac_event *gosac_stream_next(sac_stream *stream, uintptr_t context);

/* Reads the header fields. sizes: contains the capacities, and receives the sizes. Returns false if a size
 * is above its capacity; some bytes are then missing. */
bool gosac_fields(const sac_response *response, gosac_sizes *sizes, char *names, uint32_t *value_lens,
                  char *text);

/* Like the functions of the same name, with Go functions: logger, decider, function, source and saver are Go
 * handles; 0 for none. */
sac_code gosac_set_logger(sac_client *client, uintptr_t logger, int32_t level);
sac_code gosac_set_retry_callback(sac_client *client, uintptr_t decider);
sac_code gosac_set_attempt_callback(sac_client *client, uintptr_t function);
sac_code gosac_set_token_callback(sac_client *client, uintptr_t source);
sac_code gosac_set_token_saved_callback(sac_client *client, uintptr_t saver);

/* Like sac_cookie_verify, but names and keys are one sequence of texts: name, key, name, key, … */
sac_code gosac_cookie_verify(const char *cookie, const char *keys, size_t count,
                             uint64_t max_age_s, int32_t digest, char **payload_json);

/* Like sac_webhook_verify, but the secrets are a sequence of texts, and so are the fields: name, value,
 * name, value, … */
sac_code gosac_webhook_verify(int32_t scheme, const char *secrets, size_t count, const char *fields,
                              size_t field_count, const uint8_t *body, size_t len,
                              uint64_t tolerance_s, char **id);

#endif
