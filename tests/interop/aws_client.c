/*
 * The C side of the checks with AWS. aws.py runs it.
 *
 *   aws_client BASE_URL REGION SERVICE KEY_ID SECRET TOKEN METHOD PATH BODY [NAME VALUE]...
 *
 * TOKEN is "" for none. BODY is "none", "memory", "file", "stream" (a callback that can begin again) or "once" (one
 * that cannot); the bytes come from stdin, for "file" from the file of that name. NAME and VALUE are header fields.
 * The first line of the output names the code, the second one is the status; the rest is the body.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sac.h"

enum { FIRST_FIELD = 10, LARGEST = 1 << 22 };

typedef struct content {
    uint8_t *bytes;
    size_t len, next;
} content;

static int64_t read_content(void *userdata, uint8_t *buffer, size_t size)
{
    content *content = userdata;
    size_t left = content->len - content->next;
    size_t count = left < size ? left : size;
    memcpy(buffer, content->bytes + content->next, count);
    content->next += count;
    return (int64_t)count;
}

static bool rewind_content(void *userdata)
{
    content *content = userdata;
    content->next = 0;
    return true;
}

static int32_t set_body(sac_request *request, const char *kind, const char *content_type, content *content)
{
    if (strcmp(kind, "none") == 0)
        return SAC_OK;
    if (strncmp(kind, "file:", 5) == 0)
        return sac_request_set_body_file(request, content_type, kind + 5);
    content->len = fread(content->bytes, 1, LARGEST, stdin);
    if (strcmp(kind, "memory") == 0)
        return sac_request_set_body(request, content_type, content->bytes, content->len);
    int32_t code = sac_request_set_body_callback(request, content_type, (int64_t)content->len, read_content, content);
    if (code == SAC_OK && strcmp(kind, "stream") == 0)
        code = sac_request_set_rewind_callback(request, rewind_content, content);
    return code;
}

static int32_t set_fields(sac_request *request, char **fields, const char **content_type)
{
    int32_t code = SAC_OK;
    for (; code == SAC_OK && fields[0] && fields[1]; fields += 2) {
        if (strcmp(fields[0], "Content-Type") == 0)
            *content_type = fields[1];
        else
            code = sac_request_set_header(request, fields[0], fields[1]);
    }
    return code;
}

int main(int argc, char **argv)
{
    if (argc < FIRST_FIELD)
        return EXIT_FAILURE;
    sac_client *client = NULL;
    sac_request *request = NULL;
    content content = {malloc(LARGEST), 0, 0};
    const char *content_type = "application/octet-stream";
    int32_t code = content.bytes ? sac_client_new(argv[1], &client) : SAC_ERR_INTERNAL;
    if (code == SAC_OK)
        code = sac_set_aws_sigv4(client, argv[2], argv[3], argv[4], argv[5], argv[6][0] ? argv[6] : NULL);
    /* S3 and STS respond with XML. */
    if (code == SAC_OK)
        code = sac_add_header(client, "Accept", "application/xml, application/octet-stream");
    if (code == SAC_OK)
        code = sac_request_new(argv[7], argv[8], &request);
    if (code == SAC_OK)
        code = set_fields(request, argv + FIRST_FIELD, &content_type);
    if (code == SAC_OK)
        code = set_body(request, argv[9], content_type, &content);
    if (code == SAC_OK) {
        sac_response *response = sac_send(client, request);
        printf("%s\n%d\n", sac_code_name(response->code), response->status);
        if (response->status == 0)
            printf("%s", response->error);
        fwrite(response->body, 1, response->body_len, stdout);
        sac_response_free(response);
    } else {
        printf("%s\n0\n", sac_code_name(code));
    }
    sac_request_free(request);
    sac_client_free(client);
    free(content.bytes);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
