/* A client for one service. The rest of the program uses my_service_… and plain C types, and
 * needs no paths, tokens and JSON. Takes the base URL of the demo server. */
#include <inttypes.h>
#include <sac.h>
#include <stdio.h>
#include <stdlib.h>

/* --- my_service.h --- */

typedef struct my_service {
    sac_client *client;
} my_service;

/* The outcome of a call. The error is empty exactly if the code is SAC_OK. */
typedef struct my_service_outcome {
    sac_code code;
    char error[200];
} my_service_outcome;

typedef struct my_service_user {
    int64_t id;
    bool active;
    char name[80];
} my_service_user;

typedef void (*my_service_item_visitor)(void *userdata, int64_t id, const char *name);

sac_code my_service_open(my_service *service, const char *base_url, const char *token);
void my_service_close(my_service *service);
my_service_outcome my_service_get_user(const my_service *service, int64_t id, my_service_user *out);
my_service_outcome my_service_set_quantity(const my_service *service, int64_t item, int quantity);
my_service_outcome my_service_visit_items(const my_service *service,
                                          my_service_item_visitor visit, void *userdata);

/* --- my_service.c --- */

sac_code my_service_open(my_service *service, const char *base_url, const char *token)
{
    sac_code code = sac_client_new(base_url, &service->client);
    if (code == SAC_OK)
        code = sac_add_bearer(service->client, token);
    if (code == SAC_OK)
        code = sac_set_user_agent(service->client, "my-service-client/1.0");
    if (code == SAC_OK)
        code = sac_set_timeout_ms(service->client, 5000);
    if (code != SAC_OK)
        my_service_close(service);
    return code;
}

void my_service_close(my_service *service)
{
    sac_client_free(service->client);
    service->client = NULL;
}

static my_service_outcome outcome_of(const sac_response *response)
{
    my_service_outcome outcome = {response->code, ""};
    if (response->error)
        snprintf(outcome.error, sizeof outcome.error, "%s", response->error);
    return outcome;
}

my_service_outcome my_service_get_user(const my_service *service, int64_t id, my_service_user *out)
{
    char path[64];
    snprintf(path, sizeof path, "/v1/users/%" PRId64, id);
    sac_response *response = sac_get(service->client, path);
    my_service_outcome outcome = outcome_of(response);
    if (outcome.code == SAC_OK) {
        const char *name = sac_json_string(response, "/name", NULL);
        out->id = id;
        out->active = false;
        sac_json_bool(response, "/active", &out->active);
        snprintf(out->name, sizeof out->name, "%s", name ? name : "");
    }
    sac_response_free(response);
    return outcome;
}

my_service_outcome my_service_set_quantity(const my_service *service, int64_t item, int quantity)
{
    char path[64];
    sac_request *request = NULL;
    snprintf(path, sizeof path, "/v1/items/%" PRId64, item);
    sac_code code = sac_request_new("PATCH", path, &request);
    if (code == SAC_OK)
        code = sac_request_json_int64(request, "/quantity", quantity);
    my_service_outcome outcome = {code, ""};
    if (code == SAC_OK) {
        sac_response *response = sac_send(service->client, request);
        outcome = outcome_of(response);
        sac_response_free(response);
    }
    sac_request_free(request);
    return outcome;
}

static void visit_page(const sac_response *page, my_service_item_visitor visit, void *userdata)
{
    sac_node items = sac_json_find(page, 0, "/items");
    for (sac_node item = sac_json_first(page, items); item; item = sac_json_next(page, item)) {
        int64_t id = 0;
        sac_node_int64(page, sac_json_find(page, item, "/id"), &id);
        const char *name = sac_node_string(page, sac_json_find(page, item, "/name"), NULL);
        visit(userdata, id, name ? name : "");
    }
}

/* The path of the next page, which the caller frees; NULL after the last page. Only a link to the
 * same server has a path, so the program follows no other. */
static char *next_page(const my_service *service, const sac_response *page,
                       my_service_outcome *outcome)
{
    char *path = NULL;
    const char *next = sac_response_link(page, "next");
    if (next)
        outcome->code = sac_client_path_of(service->client, next, &path);
    if (outcome->code != SAC_OK)
        snprintf(outcome->error, sizeof outcome->error, "the next page is on another server");
    return path;
}

/* Follows the Link header from page to page. */
my_service_outcome my_service_visit_items(const my_service *service,
                                          my_service_item_visitor visit, void *userdata)
{
    my_service_outcome outcome = {SAC_OK, ""};
    sac_response *page = sac_get(service->client, "/v1/items");
    while (page) {
        char *path = NULL;
        outcome = outcome_of(page);
        if (outcome.code == SAC_OK) {
            visit_page(page, visit, userdata);
            path = next_page(service, page, &outcome);
        }
        sac_response_free(page);
        page = path ? sac_get(service->client, path) : NULL;
        sac_string_free(path);
    }
    return outcome;
}

/* --- the program --- */

static void count_item(void *userdata, int64_t id, const char *name)
{
    int *count = userdata;
    if (++*count <= 3)
        printf("  %" PRId64 ": %s\n", id, name);
}

int main(int argc, char **argv)
{
    my_service service;
    if (argc != 2 || my_service_open(&service, argv[1], "demo-token") != SAC_OK) {
        fprintf(stderr, "usage: %s BASE_URL\n", argv[0]);
        return EXIT_FAILURE;
    }

    for (int64_t id = 3; id <= 6; id++) {
        my_service_user user;
        my_service_outcome outcome = my_service_get_user(&service, id, &user);
        if (outcome.code == SAC_OK)
            printf("User %" PRId64 " is %s%s.\n", id, user.name, user.active ? "" : " (inactive)");
        else
            printf("User %" PRId64 " is not available: %s.\n", id, outcome.error);
    }

    my_service_outcome changed = my_service_set_quantity(&service, 1, -1);
    printf("A quantity of -1: %s.\n", changed.code == SAC_OK ? "accepted" : changed.error);

    int count = 0;
    puts("The first items:");
    my_service_outcome visited = my_service_visit_items(&service, count_item, &count);
    printf("%d items on all pages.\n", count);

    my_service_close(&service);
    return visited.code == SAC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
