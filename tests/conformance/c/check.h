/* Compares the outcome of a case with the expected one. `fail` reports each difference. */
#ifndef CHECK_H
#define CHECK_H

#include "perform.h"

void check(test_case *c, const outcome *out);
/* `seen`: the server's list of the raw requests that it received. */
void check_requests(test_case *c, const sac_response *seen);
/* Reads a stream to its end, and checks its records. */
void check_records(test_case *c, sac_stream *stream);
void same_text(test_case *c, const char *what, const char *expected, const char *actual);
const char *name_of_state(sac_json_state state);
/* Checks the values of the response's JSON. */
void check_values(test_case *c, const sac_response *response);

#endif
