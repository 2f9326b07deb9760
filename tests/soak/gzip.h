/* A gzip file (RFC 1952) that contains a text without compression. */
#ifndef SOAK_GZIP_H
#define SOAK_GZIP_H

#include <stddef.h>

/* The bytes of a file in addition to its text. */
enum { GZIP_OVERHEAD = 23 };

/* Writes the file of a text of less than 64 KiB, and returns its length. */
size_t gzip_store(unsigned char *file, const char *text, size_t length);

#endif
