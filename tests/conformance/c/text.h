/* Bytes: base64, search, and a growing text. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bytes {
    uint8_t *data;
    size_t length;
} bytes;

/* Ends the program if there is not enough memory. The caller frees the data. */
bytes decode_base64(const char *text);
void append(bytes *to, const char *text);

bool begins_with(const char *text, size_t length, const char *wanted, size_t wanted_length);
bool ends_with(const char *text, size_t length, const char *wanted, size_t wanted_length);
bool contains(const char *text, size_t length, const char *wanted, size_t wanted_length);

#endif
