/* The basics of libsac. Takes the base URL of the demo server:
 *
 *     cc -std=c99 quickstart.c -lsac -o quickstart && ./quickstart http://127.0.0.1:PORT
 */
#include <inttypes.h>
#include <sac.h>
#include <stdio.h>
#include <stdlib.h>

/* The set-up fails only for bad input, which would be a bug in this program. */
static void must(sac_code code, const char *what)
{
    if (code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", what, sac_code_message(code));
        exit(EXIT_FAILURE);
    }
}

/* Every call returns a response. One test says whether the call succeeded. */
static bool succeeded(const sac_response *response)
{
    if (response->code == SAC_OK)
        return true;
    printf("  error: %s (%s, status %d)\n", response->error, sac_code_name(response->code),
           (int)response->status);
    return false;
}

/* A member that is missing or not a string is NULL. */
static const char *text_at(const sac_response *response, const char *pointer)
{
    const char *text = sac_json_string(response, pointer, NULL);
    return text ? text : "?";
}

static void read_a_user(sac_client *client)
{
    puts("A user, with a bearer token:");
    must(sac_add_bearer(client, "demo-token"), "token");
    sac_response *response = sac_get(client, "/v1/users/1");
    if (succeeded(response)) {
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
    puts("A session, with a signed cookie (signed again for every request):");
    must(sac_add_signed_cookie(client, "session", "{\"user\": \"ada\", \"cart\": 3}",
                               "demo-service", "demo-key: no secret, £0 worth", SAC_DIGEST_SHA1),
         "cookie");
    sac_response *response = sac_get(client, "/v1/session");
    if (succeeded(response))
        printf("  the server received %s\n", response->json);
    sac_response_free(response);
}

static void create_an_item(const sac_client *client)
{
    puts("A new item:");
    sac_response *response =
        sac_post_json(client, "/v1/items", "{\"name\": \"Kettle\", \"quantity\": 2}");
    if (succeeded(response)) {
        const char *location = sac_response_header(response, "Location");
        printf("  status %d, it is at %s\n", (int)response->status, location ? location : "?");
    }
    sac_response_free(response);
}

static void download_a_picture(const sac_client *client)
{
    puts("A picture, to memory:");
    sac_response *response = sac_get_binary(client, "/v1/picture.png");
    if (succeeded(response)) {
        const char *type = sac_response_header(response, "Content-Type");
        printf("  %zu bytes of %s\n", response->body_len, type ? type : "unknown type");
    }
    sac_response_free(response);
}

static void call(const sac_client *client, const char *title, const char *path)
{
    puts(title);
    sac_response *response = sac_get(client, path);
    if (succeeded(response))
        printf("  %s\n", response->json);
    sac_response_free(response);
}

static void call_unused_port(void)
{
    sac_client *client = NULL;
    must(sac_client_new("http://127.0.0.1:1", &client), "client");
    call(client, "A server that does not run:", "/");
    sac_client_free(client);
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

    call(client, "Damaged JSON, which is repaired:", "/v1/damaged");
    call(client, "An item that does not exist:", "/v1/items/4711");
    call_unused_port();
    must(sac_set_timeout_ms(client, 200), "timeout");
    call(client, "A response that takes too long:", "/v1/slow?ms=5000");

    sac_client_free(client);
    return EXIT_SUCCESS;
}
