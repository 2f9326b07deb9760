/*
 * The binding's own C: what would otherwise be a dozen crossings from Go to C for one call is one.
 *
 * Go writes a request down as a script, a row of bytes: each step is one byte of gosac_step, then
 * its arguments one behind the other, a text with a NUL behind it, a number as eight bytes, lowest
 * first. gosac_send carries the script out on a request of the library's, sends it, and brings
 * back the response with its header fields.
 */
#ifndef GOSAC_SHIM_H
#define GOSAC_SHIM_H

#include <sac.h>

/* The steps of a script. The first is one of the first two, and neither comes later. */
enum gosac_step {
    GOSAC_PATH = 1,        /* method, path: begins the request */
    GOSAC_URL,             /* method, URL: the same, for a full URL of the client's origin */
    GOSAC_HEADER,          /* name, value */
    GOSAC_QUERY,           /* name, value */
    GOSAC_FORM_FIELD,      /* name, value */
    GOSAC_JSON,            /* nothing: the text is the body, with a NUL behind it */
    GOSAC_BODY,            /* content type: the bytes are the body */
    GOSAC_IDEMPOTENCY_KEY, /* key */
    GOSAC_TIMEOUT,         /* milliseconds */
    GOSAC_CONNECT_TIMEOUT, /* milliseconds */
    GOSAC_READ_TIMEOUT,    /* milliseconds */
    GOSAC_DEADLINE,        /* milliseconds */
    GOSAC_RETRY_ATTEMPTS,  /* number */
    GOSAC_BACKOFF,         /* base, max: milliseconds */
    GOSAC_RETRY_STATUSES,  /* how many, then each status */
    GOSAC_VERIFY,          /* 0 or 1 */
    GOSAC_KEEP_ALIVE,      /* 0 or 1 */
    GOSAC_MAX_BODY,        /* bytes */
    GOSAC_REDIRECTS,       /* number */
    GOSAC_BODY_FILE,       /* content type, path */
    GOSAC_PART,            /* name, file name, content type ("" for none), length, so many bytes */
    GOSAC_PART_FILE,       /* name, path, content type ("" for none) */
    GOSAC_OUTPUT_FILE,     /* path */
    GOSAC_OUTPUT,          /* nothing: the answer's body goes to the call's context */
    GOSAC_PROGRESS         /* nothing: the context is told of the progress */
};

enum {
    GOSAC_FIELDS = 32,   /* how many header fields come with the answer itself */
    GOSAC_TEXT = 2048,   /* and how long they and the reason phrase may be together */
    GOSAC_STATUSES = 500 /* there are no more statuses than from 100 to 599 */
};

/* How long the name and the value of a header field are. */
typedef struct gosac_field {
    uint32_t name_len;
    uint32_t value_len;
} gosac_field;

/* What came of a script. There is no pointer in it, for which cgo would look at each crossing. */
typedef struct gosac_answer {
    sac_code refused;   /* why a step was refused, where one was */
    size_t step;        /* where in the script that step begins */
    size_t field_count; /* all of them; the first GOSAC_FIELDS are in fields */
    size_t reason_len;  /* how long the reason phrase is */
    size_t text_len;    /* that, names and values of those, one behind the other; up to GOSAC_TEXT in text */
    gosac_field fields[GOSAC_FIELDS];
    char text[GOSAC_TEXT];
} gosac_answer;

/* Carries a script out. cancel: NULL for none. deadline_ms: in place of what client and script
 * say; UINT64_MAX for none. context: handed to the callbacks that run during the call. Returns the
 * response; NULL where a step was refused, and there is no more to say of it. */
sac_response *gosac_send(const sac_client *client, const uint8_t *steps, size_t len,
                         const uint8_t *body, size_t body_len, sac_cancel *cancel,
                         uint64_t deadline_ms, uintptr_t context, gosac_answer *answer);

/* Reads the reason phrase and the first header fields, count of them, which there have to be; as many
 * texts as there is room for. Returns how long the texts of all are. */
size_t gosac_fields(const sac_response *response, size_t *reason_len, gosac_field *fields,
                    size_t count, char *text, size_t room);

/* As sac_set_logger and sac_set_retry_callback, with functions of Go's: logger and decider are
 * handles of Go's, 0 for none. */
sac_code gosac_set_logger(sac_client *client, uintptr_t logger, int32_t level);
sac_code gosac_set_retry_callback(sac_client *client, uintptr_t decider);

/* As sac_cookie_verify; names and keys stand in one row of texts: name, key, name, key, … */
sac_code gosac_cookie_verify(const char *cookie, const char *keys, size_t count,
                             uint64_t max_age_s, int32_t digest, char **payload_json);

#endif
