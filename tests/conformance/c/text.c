#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *grow(void *old, size_t size)
{
    void *memory = realloc(old, size);
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

bytes decode_base64(const char *text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes out = {grow(NULL, strlen(text) + 1), 0};
    uint32_t pending = 0;
    unsigned bits = 0;
    for (; *text && *text != '='; text++) {
        pending = (pending << 6) | (uint32_t)(strchr(alphabet, *text) - alphabet);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.data[out.length++] = (uint8_t)(pending >> bits);
        }
    }
    return out;
}

void append(bytes *to, const char *text)
{
    size_t length = strlen(text);
    to->data = grow(to->data, to->length + length + 1);
    memcpy(to->data + to->length, text, length + 1);
    to->length += length;
}

bool begins_with(const char *text, size_t length, const char *wanted, size_t wanted_length)
{
    return wanted_length <= length && memcmp(text, wanted, wanted_length) == 0;
}

bool ends_with(const char *text, size_t length, const char *wanted, size_t wanted_length)
{
    return wanted_length <= length &&
           memcmp(text + length - wanted_length, wanted, wanted_length) == 0;
}

bool contains(const char *text, size_t length, const char *wanted, size_t wanted_length)
{
    for (size_t i = 0; i + wanted_length <= length; i++)
        if (memcmp(text + i, wanted, wanted_length) == 0)
            return true;
    return false;
}
