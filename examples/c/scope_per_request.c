/* A server that calls another service on behalf of its users: one client for the whole process,
 * and a clone of it for each incoming request. The clones share the client's connections, but not
 * their headers, cookies and credentials. Takes the base URL of the demo server. */
#include <sac.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct incoming_request {
    const char *id;
    const char *token;
    const char *language; /* NULL if the user has none */
} incoming_request;

static const char *header_seen(const sac_response *response, const char *pointer)
{
    const char *value = sac_json_string(response, pointer, NULL);
    return value ? value : "none";
}

/* Prints what the service received of a call. */
static sac_code show_call(const char *who, const sac_client *client)
{
    sac_response *response = sac_get(client, "/v1/echo");
    sac_code code = response->code;
    if (code == SAC_OK)
        printf("%-6s request %s, authorisation %s, cookie %s, from %s\n", who,
               header_seen(response, "/headers/x-request-id"),
               header_seen(response, "/headers/authorization"),
               header_seen(response, "/headers/cookie"),
               header_seen(response, "/headers/user-agent"));
    else
        printf("%-6s failed: %s\n", who, response->error);
    sac_response_free(response);
    return code;
}

static sac_code handle(const sac_client *shared, const incoming_request *request)
{
    sac_client *scope = sac_client_clone(shared);
    sac_code code = sac_add_header(scope, "X-Request-Id", request->id);
    if (code == SAC_OK)
        code = sac_add_bearer(scope, request->token);
    if (code == SAC_OK && request->language)
        code = sac_add_cookie(scope, "language", request->language);
    if (code == SAC_OK)
        code = show_call("scope", scope);
    sac_client_free(scope);
    return code;
}

int main(int argc, char **argv)
{
    static const incoming_request requests[] = {
        {"a-1", "token-of-ada", "en"},
        {"b-2", "token-of-bob", NULL},
        {"c-3", "token-of-eve", "fr"},
    };
    sac_client *shared = NULL;
    if (argc != 2 || sac_client_new(argv[1], &shared) != SAC_OK) {
        fprintf(stderr, "usage: %s BASE_URL\n", argv[0]);
        return EXIT_FAILURE;
    }
    sac_code code = sac_set_user_agent(shared, "shop/2.1");

    for (size_t i = 0; i < sizeof requests / sizeof requests[0] && code == SAC_OK; i++)
        code = handle(shared, &requests[i]);
    if (code == SAC_OK)
        code = show_call("shared", shared);

    sac_client_free(shared);
    return code == SAC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
