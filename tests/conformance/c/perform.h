/* Doing what a case says: client, settings, request, call. */
#ifndef PERFORM_H
#define PERFORM_H

#include "case.h"
#include "text.h"

/* What the callbacks of a case have seen. */
typedef struct witness {
    bool allow_retries;
    int64_t retry_calls;
    bytes log;
} witness;

/* What came of a case. */
typedef struct outcome {
    sac_code code;          /* of the first step that was refused, else of the response */
    sac_response *response; /* NULL where the case was refused before any call */
    sac_client *client;     /* NULL where it could not be made; the clone, where there is one */
    witness seen;
} outcome;

void perform(const test_case *c, const char *server, outcome *out);
void clear_outcome(outcome *out);

/* Settings of the client, or of its clone: `part` is "client" or "clone". */
sac_code set_up(const test_case *c, const char *part, sac_client *client, witness *seen);
/* The part of them that interface/settings.toml has, and likewise those of a request. */
sac_code set_settings_of_client(const test_case *c, const char *part, sac_client *client);
sac_code set_settings_of_request(const test_case *c, const char *part, sac_request *request);
/* Makes and sends the request of a case. */
sac_code call(const test_case *c, const sac_client *client, sac_response **out);

#endif
