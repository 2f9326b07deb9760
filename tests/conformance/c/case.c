#include "case.h"
#include <stdarg.h>
#include <stdio.h>

enum { POINTER_SIZE = 160 };

static void make_pointer(char *out, const test_case *c, const char *pointer, va_list arguments)
{
    int used = snprintf(out, POINTER_SIZE, "/%zu", c->index);
    vsnprintf(out + used, (size_t)(POINTER_SIZE - used), pointer, arguments);
}

/* Declares `buffer` with the pointer, made from the arguments after `pointer`. */
#define POINTER(buffer, c, pointer)                    \
    char buffer[POINTER_SIZE];                         \
    do {                                               \
        va_list arguments;                             \
        va_start(arguments, pointer);                  \
        make_pointer(buffer, (c), (pointer), arguments); \
        va_end(arguments);                             \
    } while (0)

bool has(const test_case *c, const char *pointer, ...)
{
    POINTER(full, c, pointer);
    return sac_json_type_of(c->cases, full) != SAC_JSON_TYPE_MISSING;
}

const char *text(const test_case *c, const char *pointer, ...)
{
    POINTER(full, c, pointer);
    return sac_json_string(c->cases, full, NULL);
}

const char *text_and_length(const test_case *c, size_t *length, const char *pointer, ...)
{
    POINTER(full, c, pointer);
    return sac_json_string(c->cases, full, length);
}

const char *json_at(const test_case *c, const char *pointer, ...)
{
    POINTER(full, c, pointer);
    return sac_json_text(c->cases, full, NULL);
}

int64_t number(const test_case *c, const char *pointer, ...)
{
    POINTER(full, c, pointer);
    int64_t value = 0;
    sac_json_int64(c->cases, full, &value);
    return value;
}

double real(const test_case *c, const char *pointer, ...)
{
    POINTER(full, c, pointer);
    double value = 0;
    sac_json_double(c->cases, full, &value);
    return value;
}

bool truth(const test_case *c, const char *pointer, ...)
{
    POINTER(full, c, pointer);
    bool value = false;
    sac_json_bool(c->cases, full, &value);
    return value;
}

size_t count(const test_case *c, const char *pointer, ...)
{
    POINTER(full, c, pointer);
    return sac_json_length(c->cases, full);
}

void fail(test_case *c, const char *why, ...)
{
    va_list arguments;
    if (c->failed)
        return;
    c->failed = true;
    printf("FAILED %s: ", c->name);
    va_start(arguments, why);
    vprintf(why, arguments);
    va_end(arguments);
    putchar('\n');
}
