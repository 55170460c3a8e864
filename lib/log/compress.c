#include "log/compress.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

enum { ROOM = 1 << 17, GZIP_BITS = 15 + 16, GZIP_MEMORY = 8, ZSTD_LEVEL = 6 };

struct compress {
	ZSTD_CCtx *zstd; /* NULL: gzip */
	z_stream gzip;
	bool ready;
	char room[ROOM];
};

struct compress *
compress_new(bool zstd, uint64_t bytes)
{
	struct compress *c = xzalloc(1, sizeof *c);

	if (zstd) {
		c->zstd = ZSTD_createCCtx();
		c->ready = c->zstd != NULL &&
		    !ZSTD_isError(
			ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
		    !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1)) &&
		    !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(c->zstd, bytes));
	} else {
		c->ready = deflateInit2(&c->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_BITS,
			       GZIP_MEMORY, Z_DEFAULT_STRATEGY) == Z_OK;
	}
	return c;
}

void
compress_free(struct compress *c)
{
	if (c == NULL)
		return;
	if (c->zstd != NULL)
		ZSTD_freeCCtx(c->zstd);
	else
		deflateEnd(&c->gzip);
	free(c);
}

static int
failed(void)
{
	errno = EPROTO;
	return -1;
}

static int
run_zstd(struct compress *c, struct slice data, bool end, compress_put *put, void *arg)
{
	ZSTD_inBuffer in = { data.p, data.len, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { c->room, ROOM, 0 };

		left = ZSTD_compressStream2(
		    c->zstd, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return failed();
		if (out.pos > 0 && put(arg, (struct slice){ c->room, out.pos }) == -1)
			return -1;
	} while (end ? left > 0 : in.pos < in.size);
	return 0;
}

static int
run_gzip(struct compress *c, struct slice data, bool end, compress_put *put, void *arg)
{
	z_stream *z = &c->gzip;
	int status;

	z->next_in = (Bytef *)(uintptr_t)data.p;
	z->avail_in = (uInt)data.len;
	do {
		z->next_out = (Bytef *)c->room;
		z->avail_out = ROOM;
		status = deflate(z, end ? Z_FINISH : Z_NO_FLUSH);
		if (status == Z_STREAM_ERROR)
			return failed();
		if (z->avail_out < ROOM &&
		    put(arg, (struct slice){ c->room, ROOM - z->avail_out }) == -1)
			return -1;
	} while (end ? status != Z_STREAM_END : z->avail_out == 0);
	return 0;
}

static int
run(struct compress *c, struct slice data, bool end, compress_put *put, void *arg)
{
	if (!c->ready)
		return failed();
	return (c->zstd != NULL ? run_zstd : run_gzip)(c, data, end, put, arg);
}

int
compress_add(struct compress *c, struct slice data, compress_put *put, void *arg)
{
	return run(c, data, false, put, arg);
}

int
compress_end(struct compress *c, compress_put *put, void *arg)
{
	return run(c, SLICE(""), true, put, arg);
}
