/* Comparing what came of a case with what is expected. Each fault is said through `fail`. */
#ifndef JUDGE_H
#define JUDGE_H

#include "perform.h"

void judge(test_case *c, const outcome *out);
/* The raw requests that the server has seen, as it tells them. */
void judge_requests(test_case *c, const sac_response *seen);
/* What is read out of the response's JSON. */
void judge_values(test_case *c, const sac_response *response);

#endif
