/* A case, read by JSON pointers of libsac from the response that contains all cases. */
#ifndef CASE_H
#define CASE_H

#include <sac.h>

typedef struct test_case {
    const sac_response *cases;
    size_t index;
    const char *name;
    bool failed;
} test_case;

/* The pointers are relative to the case. They are formats of printf. */
bool has(const test_case *c, const char *pointer, ...);
/* NULL if there is no such string. */
const char *text(const test_case *c, const char *pointer, ...);
/* Like text, with the length, because the string may contain NULs. */
const char *text_and_length(const test_case *c, size_t *length, const char *pointer, ...);
/* The JSON text of a value; NULL if there is none. */
const char *json_at(const test_case *c, const char *pointer, ...);
/* 0 if there is no such number. */
int64_t number(const test_case *c, const char *pointer, ...);
double real(const test_case *c, const char *pointer, ...);
bool truth(const test_case *c, const char *pointer, ...);
size_t count(const test_case *c, const char *pointer, ...);

/* Prints why the case failed. Only the first reason is printed. */
void fail(test_case *c, const char *why, ...);

#endif
