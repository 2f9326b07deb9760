#include "check.h"
#include <inttypes.h>
#include <string.h>

static const char *name_of_type(sac_json_type type)
{
    static const char *const names[] = {"missing", "null",  "bool",  "number",
                                        "string",  "array", "object"};
    return type >= 0 && type <= SAC_JSON_TYPE_OBJECT ? names[type] : "unknown";
}

/* An expected null means that there is no value of this type. */
static bool wants_null(const test_case *c, size_t i, const char *member)
{
    return strcmp(json_at(c, "/expect/values/%zu/%s", i, member), "null") == 0;
}

static void check_numbers(test_case *c, size_t i, const sac_response *response, const char *pointer)
{
    int64_t integer = 0;
    double value = 0;
    if (has(c, "/expect/values/%zu/int64", i)) {
        bool found = sac_json_int64(response, pointer, &integer);
        if (found == wants_null(c, i, "int64") ||
            integer != number(c, "/expect/values/%zu/int64", i))
            fail(c, "the integer at %s is %" PRId64, pointer, integer);
    }
    if (has(c, "/expect/values/%zu/double", i)) {
        bool found = sac_json_double(response, pointer, &value);
        double expected = real(c, "/expect/values/%zu/double", i);
        if (found == wants_null(c, i, "double") || value < expected || value > expected)
            fail(c, "the number at %s is %g", pointer, value);
    }
}

static void check_bool(test_case *c, size_t i, const sac_response *response, const char *pointer)
{
    bool value = false;
    if (!has(c, "/expect/values/%zu/bool", i))
        return;
    if (sac_json_bool(response, pointer, &value) == wants_null(c, i, "bool") ||
        value != truth(c, "/expect/values/%zu/bool", i))
        fail(c, "the boolean at %s is %d", pointer, value);
}

static void check_text(test_case *c, size_t i, const char *member, const char *pointer,
                       const char *actual, size_t length)
{
    size_t wanted = 0;
    if (!has(c, "/expect/values/%zu/%s", i, member))
        return;
    const char *expected = text_and_length(c, &wanted, "/expect/values/%zu/%s", i, member);
    if (!expected != !actual ||
        (expected && (wanted != length || memcmp(expected, actual, length) != 0)))
        fail(c, "the %s at %s is %s", member, pointer, actual ? actual : "(none)");
}

static void check_value(test_case *c, size_t i, const sac_response *response, const char *pointer)
{
    size_t length = 0;
    const char *type = text(c, "/expect/values/%zu/type", i);
    const char *actual = name_of_type(sac_json_type_of(response, pointer));
    if (type && strcmp(type, actual) != 0)
        fail(c, "the type at %s is %s", pointer, actual);
    if (has(c, "/expect/values/%zu/length", i) &&
        sac_json_length(response, pointer) != (size_t)number(c, "/expect/values/%zu/length", i))
        fail(c, "the length at %s is %zu", pointer, sac_json_length(response, pointer));
    const char *string = sac_json_string(response, pointer, &length);
    check_text(c, i, "string", pointer, string, length);
    const char *json = sac_json_text(response, pointer, &length);
    check_text(c, i, "text", pointer, json, length);
    check_numbers(c, i, response, pointer);
    check_bool(c, i, response, pointer);
}

void check_values(test_case *c, const sac_response *response)
{
    size_t length = count(c, "/expect/values");
    for (size_t i = 0; i < length; i++)
        check_value(c, i, response, text(c, "/expect/values/%zu/pointer", i));
}
