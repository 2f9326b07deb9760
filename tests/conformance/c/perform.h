/* Performs a case: client, settings, request, call. */
#ifndef PERFORM_H
#define PERFORM_H

#include "case.h"
#include "text.h"

/* The records of the callbacks of a case. */
typedef struct callback_log {
    bool allow_retries, allow_attempts;
    int64_t retry_calls;
    bytes log;
    const test_case *of; /* with part: where the tokens of the token callback are */
    const char *part;
    size_t token_calls;
} callback_log;

/* The outcome of a case. */
typedef struct outcome {
    sac_code code; /* of the first step that failed, or of the response or the head of a stream */
    const sac_response *response; /* NULL if a step before the call failed */
    sac_response *owned;          /* the response, if it does not belong to the stream */
    sac_stream *stream;           /* NULL if the case is not a stream */
    sac_client *client;     /* NULL if it was not created; the clone, if there is one */
    callback_log seen;
} outcome;

void perform(const test_case *c, const char *server, outcome *out);
void clear_outcome(outcome *out);

/* Settings of the client, or of its clone: `part` is "client" or "clone". */
sac_code set_up(const test_case *c, const char *part, sac_client *client, callback_log *seen);
/* The settings of interface/settings.toml, of a client and of a request. */
sac_code set_settings_of_client(const test_case *c, const char *part, sac_client *client);
sac_code set_settings_of_request(const test_case *c, const char *part, sac_request *request);
/* Creates and sends the request of a case, or opens its stream. */
void call(const test_case *c, outcome *out);

#endif
