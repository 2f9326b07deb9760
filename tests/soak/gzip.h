/* A gzip file (RFC 1952) of a text, stored and not compressed. */
#ifndef SOAK_GZIP_H
#define SOAK_GZIP_H

#include <stddef.h>

/* What a file takes besides its text. */
enum { GZIP_OVERHEAD = 23 };

/* Writes the file of a text of less than 64 KiB, and gives its length. */
size_t gzip_store(unsigned char *file, const char *text, size_t length);

#endif
