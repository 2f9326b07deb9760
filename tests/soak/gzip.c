#include "gzip.h"

#include <stdint.h>
#include <string.h>

static uint32_t crc32_of(const char *text, size_t length)
{
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)text[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static unsigned char *write_number(unsigned char *at, uint32_t number, int bytes)
{
    for (int i = 0; i < bytes; i++, number >>= 8)
        *at++ = (unsigned char)number;
    return at;
}

size_t gzip_store(unsigned char *file, const char *text, size_t length)
{
    static const unsigned char head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    unsigned char *at = file;
    memcpy(at, head, sizeof head);
    at += sizeof head;
    *at++ = 1; /* The last block, stored (RFC 1951 section 3.2.4). */
    at = write_number(at, (uint32_t)length, 2);
    at = write_number(at, ~(uint32_t)length, 2);
    memcpy(at, text, length);
    at += length;
    at = write_number(at, crc32_of(text, length), 4);
    at = write_number(at, (uint32_t)length, 4);
    return (size_t)(at - file);
}
