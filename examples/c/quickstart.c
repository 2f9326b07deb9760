/* The everyday of libsac. Takes the base URL of the demo server:
 *
 *     cc -std=c99 quickstart.c -lsac -o quickstart && ./quickstart http://127.0.0.1:PORT
 */
#include <inttypes.h>
#include <sac.h>
#include <stdio.h>
#include <stdlib.h>

/* Setting up fails only for bad input, which this program considers a bug of its own. */
static void must(sac_code code, const char *what)
{
    if (code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", what, sac_code_message(code));
        exit(EXIT_FAILURE);
    }
}

/* A response is there whatever happened, and one test tells whether all went well. */
static bool went_well(const sac_response *response)
{
    if (response->code == SAC_OK)
        return true;
    printf("  no luck: %s (%s, status %d)\n", response->error, sac_code_name(response->code),
           (int)response->status);
    return false;
}

/* A member that is missing, or no string, is NULL. */
static const char *text_at(const sac_response *response, const char *pointer)
{
    const char *text = sac_json_string(response, pointer, NULL);
    return text ? text : "?";
}

static void read_a_user(sac_client *client)
{
    puts("A user, behind a bearer token:");
    must(sac_add_bearer(client, "demo-token"), "token");
    sac_response *response = sac_get(client, "/v1/users/1");
    if (went_well(response)) {
        int64_t id = 0;
        bool active = false;
        sac_json_int64(response, "/id", &id);
        sac_json_bool(response, "/active", &active);
        printf("  number %" PRId64 " is %s, %s, with %zu roles, the first is %s\n", id,
               text_at(response, "/name"), active ? "active" : "not active",
               sac_json_length(response, "/roles"), text_at(response, "/roles/0"));
    }
    sac_response_free(response);
}

static void open_a_session(sac_client *client)
{
    puts("A session, behind a signed cookie (signed afresh for every request):");
    must(sac_add_signed_cookie(client, "session", "{\"user\": \"ada\", \"cart\": 3}",
                               "demo-service", "demo-key: no secret, £0 worth", SAC_DIGEST_SHA1),
         "cookie");
    sac_response *response = sac_get(client, "/v1/session");
    if (went_well(response))
        printf("  the server read %s\n", response->json);
    sac_response_free(response);
}

static void create_an_item(const sac_client *client)
{
    puts("A new item:");
    sac_response *response =
        sac_post_json(client, "/v1/items", "{\"name\": \"Kettle\", \"quantity\": 2}");
    if (went_well(response)) {
        const char *location = sac_response_header(response, "Location");
        printf("  status %d, it is at %s\n", (int)response->status, location ? location : "?");
    }
    sac_response_free(response);
}

static void download_a_picture(const sac_client *client)
{
    puts("A picture, to memory:");
    sac_response *response = sac_get_binary(client, "/v1/picture.png");
    if (went_well(response)) {
        const char *type = sac_response_header(response, "Content-Type");
        printf("  %zu bytes of %s\n", response->body_len, type ? type : "unknown type");
    }
    sac_response_free(response);
}

static void call(const sac_client *client, const char *title, const char *path)
{
    puts(title);
    sac_response *response = sac_get(client, path);
    if (went_well(response))
        printf("  %s\n", response->json);
    sac_response_free(response);
}

static void call_nobody(void)
{
    sac_client *nobody = NULL;
    must(sac_client_new("http://127.0.0.1:1", &nobody), "client");
    call(nobody, "A server that is not there:", "/");
    sac_client_free(nobody);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s BASE_URL\n", argv[0]);
        return EXIT_FAILURE;
    }
    sac_client *client = NULL;
    must(sac_client_new(argv[1], &client), argv[1]);

    read_a_user(client);
    open_a_session(client);
    create_an_item(client);
    download_a_picture(client);

    call(client, "JSON that is damaged, and repaired:", "/v1/damaged");
    call(client, "An item that does not exist:", "/v1/items/4711");
    call_nobody();
    must(sac_set_timeout_ms(client, 200), "timeout");
    call(client, "An answer that takes too long:", "/v1/slow?ms=5000");

    sac_client_free(client);
    return EXIT_SUCCESS;
}
