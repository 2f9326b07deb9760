/* Compares the outcome of a case with the expected one. `fail` reports each difference. */
#ifndef CHECK_H
#define CHECK_H

#include "perform.h"

void check(test_case *c, const outcome *out);
/* `seen`: the server's list of the raw requests that it received. */
void check_requests(test_case *c, const sac_response *seen);
/* Checks the values of the response's JSON. */
void check_values(test_case *c, const sac_response *response);

#endif
