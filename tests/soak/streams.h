/* The streams of the soak. */
#ifndef SOAK_STREAMS_H
#define SOAK_STREAMS_H

#include "worker.h"

/* Allows this process and its children as many open descriptors as `hold_streams` needs. */
void allow_descriptors(void);

/* Opens a stream, and reads it to its end or leaves it early, at a random place. */
void read_stream(soak *with, const sac_client *client, unsigned *chance);

/* Holds 1,000 streams open at the same time, and reads them in turn, in a random order. Half of them are
 * freed early, at random places, and their connections must close. The others are read to their end, and their
 * connections must be kept. The argument is a `soak`. */
void *hold_streams(void *soak_argument);

#endif
