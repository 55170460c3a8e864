/*
 * compress - a stream as one zstd frame (RFC 8878, with checksum and size) or gzip member (RFC 1952).
 */
#ifndef LOG_COMPRESS_H
#define LOG_COMPRESS_H

#include <stdint.h>

#include "base/slice.h"

struct compress;

/* bytes: how many there will be, exactly. */
struct compress *compress_new(bool zstd, uint64_t bytes);
void compress_free(struct compress *c); /* accepts NULL */

/*
 * Take data in, or end; what comes out goes to put, which returns 0, or -1 with errno.  Both return
 * 0, or -1 with errno (EPROTO: the library failed).
 */
typedef int compress_put(void *arg, struct slice data);
int compress_add(struct compress *c, struct slice data, compress_put *put, void *arg);
int compress_end(struct compress *c, compress_put *put, void *arg);

#endif
