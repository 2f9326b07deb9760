/* Checks for the C tests. A test continues after a failed check, so that one run shows them all. */
#ifndef CHECK_H
#define CHECK_H

#include <sac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Invalid UTF-8: a continuation byte without a start, and a byte that never occurs. */
#define BAD_UTF8 "a\x80\xff"

static int check_count;
static int check_faults;

#define CHECK(condition) check_that((condition) != 0, __FILE__, __LINE__, #condition)
#define CHECK_CODE(expected, call) check_code((expected), (call), __FILE__, __LINE__, #call)
#define CHECK_TEXT(expected, actual) check_text((expected), (actual), __FILE__, __LINE__, #actual)
#define CHECK_RESPONSE(response) check_response((response), __FILE__, __LINE__)

static inline void check_that(bool holds, const char *file, int line, const char *what)
{
    check_count++;
    if (!holds) {
        check_faults++;
        fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    }
}

static inline void check_code(sac_code expected, sac_code actual, const char *file, int line,
                              const char *what)
{
    check_count++;
    if (expected != actual) {
        check_faults++;
        fprintf(stderr, "%s:%d: %s instead of %s: %s\n", file, line, sac_code_name(actual),
                sac_code_name(expected), what);
    }
}

/* NULL is equal only to NULL. */
static inline void check_text(const char *expected, const char *actual, const char *file, int line,
                              const char *what)
{
    check_count++;
    if (expected == actual || (expected && actual && strcmp(expected, actual) == 0))
        return;
    check_faults++;
    fprintf(stderr, "%s:%d: \"%s\" instead of \"%s\": %s\n", file, line,
            actual ? actual : "(NULL)", expected ? expected : "(NULL)", what);
}

/* The rules for every response. */
static inline void check_response(const sac_response *response, const char *file, int line)
{
    check_that(response != NULL, file, line, "there is a response");
    if (!response)
        exit(EXIT_FAILURE);
    check_that(response->json != NULL, file, line, "json is not NULL");
    check_that(response->body != NULL, file, line, "body is not NULL");
    check_that(strlen(response->json) == response->json_len, file, line,
               "json_len is the length of json");
    check_that(sac_json_type_of(response, "") != SAC_JSON_TYPE_MISSING, file, line,
               "json can be read");
    check_that((response->code == SAC_OK) == (response->error == NULL), file, line,
               "error is NULL exactly if code is SAC_OK");
    check_that(strcmp(sac_code_name(response->code), "SAC_ERR_UNKNOWN") != 0, file, line,
               "code is one of the codes");
    check_that(response->code != SAC_ERR_INTERNAL, file, line, "no bug in the library");
    if (response->error) {
        check_that(response->error[0] != '\0', file, line, "error is not empty");
        check_text(response->error, sac_json_string(response, "/error", NULL), file, line,
                   "json contains the error too");
    }
}

/* Ends a test that cannot continue without this. */
static inline void need(sac_code code, const char *what)
{
    if (code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", what, sac_code_name(code));
        exit(EXIT_FAILURE);
    }
}

static inline const char *base_url_of(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s BASE_URL\n", argv[0]);
        exit(EXIT_FAILURE);
    }
    return argv[1];
}

static inline sac_client *new_client(const char *base_url)
{
    sac_client *client = NULL;
    need(sac_client_new(base_url, &client), base_url);
    return client;
}

static inline sac_request *new_request(const char *method, const char *path)
{
    sac_request *request = NULL;
    need(sac_request_new(method, path, &request), path);
    return request;
}

/* Checks the rules for every response, frees the response, and returns its code. */
static inline sac_code code_of(sac_response *response)
{
    CHECK_RESPONSE(response);
    sac_code code = response->code;
    sac_response_free(response);
    return code;
}

/* The last line of a test, and its exit status. */
static inline int check_result(void)
{
    printf("%d checks, %d failed\n", check_count, check_faults);
    return check_faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
