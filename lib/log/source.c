#include "log/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/tool.h"

enum {
	INPUT = 128 * 1024,
	WINDOW_LOG = 25,       /* 32 MiB */
	GZIP_WINDOW = 15 + 16, /* zlib: the largest window, a gzip header */
	MAGIC = 4,
	FRAME_HEADER = 5, /* of zstd: the first bytes of it, */
	BLOCK_HEADER = 3, /* and what it asks for together with the block before */
};

enum kind { UNKNOWN, PLAIN, GZIP, ZSTD };

struct source {
	int fd;
	enum source_form form;
	bool file; /* a regular one, which never blocks and can be read again */
	off_t start;
	enum kind kind;
	enum source_end end;
	uint64_t extra;
	bool eof;
	bool within;     /* a member or frame has begun and has not ended */
	size_t pos, len; /* of in: [pos, len) is unread */
	z_stream gzip;
	bool gzip_open;
	ZSTD_DStream *zstd;
	bool full;         /* zstd may have more that had no room */
	size_t hint;       /* bytes that zstd asks for, 0 at the begin of a frame */
	unsigned char *in; /* INPUT bytes, or NULL until needed */
};

struct source *
source_open(int fd, enum source_form form)
{
	struct source *s = xzalloc(1, sizeof *s);
	struct stat st;

	s->fd = fd;
	s->form = form;
	s->file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	s->start = s->file ? lseek(fd, 0, SEEK_CUR) : -1;
	return s;
}

void
source_rest(struct source *s)
{
	if (s->gzip_open)
		inflateEnd(&s->gzip);
	s->gzip_open = false;
	ZSTD_freeDStream(s->zstd);
	s->zstd = NULL;
	free(s->in);
	s->in = NULL;
	s->pos = s->len = 0;
}

void
source_free(struct source *s)
{
	if (s != NULL)
		source_rest(s);
	free(s);
}

enum source_end
source_end(const struct source *s)
{
	return s->end;
}

uint64_t
source_extra(const struct source *s)
{
	return s->extra;
}

bool
source_can_rewind(const struct source *s)
{
	return s->start != -1;
}

int
source_rewind(struct source *s)
{
	if (lseek(s->fd, s->start, SEEK_SET) == -1)
		return -1;
	s->kind = UNKNOWN;
	s->end = SOURCE_MORE;
	s->extra = 0;
	s->eof = s->within = s->full = false;
	s->pos = s->len = s->hint = 0;
	return 0;
}

/* read(2), waiting so that a held signal ends the wait.  Returns as read does. */
static ssize_t
read_some(struct source *s, void *p, size_t n)
{
	ssize_t got;

	do {
		if ((!s->file || tool_signal() != 0) &&
		    lines_wait(s->fd, false, NULL, NULL) == -1)
			return -1;
		got = read(s->fd, p, n);
	} while (got == -1 && (errno == EINTR || errno == EAGAIN));
	if (got > 0)
		progress_add((uint64_t)got);
	return got;
}

/* See to it that want bytes stand in s->in, unless the input ends before.  Returns 0 or -1. */
static int
need(struct source *s, size_t want)
{
	if (s->in == NULL)
		s->in = xmalloc(INPUT);
	while (s->len - s->pos < want && !s->eof) {
		ssize_t n;

		memmove(s->in, s->in + s->pos, s->len - s->pos);
		s->len -= s->pos;
		s->pos = 0;
		n = read_some(s, s->in + s->len, INPUT - s->len);
		if (n == -1)
			return -1;
		s->eof = n == 0;
		s->len += (size_t)n;
	}
	return 0;
}

static uint32_t
magic(const struct source *s)
{
	uint32_t m = 0;

	for (size_t i = 0; i < MAGIC && s->pos + i < s->len; i++)
		m |= (uint32_t)s->in[s->pos + i] << (8 * i);
	return m;
}

/* RFC 1952 section 2.3.1: deflate is the only method, the three high flags are zero. */
static bool
is_gzip(uint32_t m)
{
	return (m & 0xe0ffffff) == 0x00088b1f;
}

/* RFC 8878 section 3.1: a frame, or one to be skipped. */
static bool
is_zstd(uint32_t m)
{
	return m == ZSTD_MAGICNUMBER || (m & 0xfffffff0) == ZSTD_MAGIC_SKIPPABLE_START;
}

bool
source_looks_plain(int fd)
{
	unsigned char b[MAGIC] = { 0 };
	ssize_t n = pread(fd, b, sizeof b, 0);
	uint32_t m =
	    (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;

	return n >= 0 && !is_gzip(m) && !is_zstd(m);
}

static int
open_gzip(struct source *s)
{
	int status = s->gzip_open ? inflateReset2(&s->gzip, GZIP_WINDOW)
				  : inflateInit2(&s->gzip, GZIP_WINDOW);

	if (status != Z_OK) {
		errno = ENOMEM;
		return -1;
	}
	s->gzip_open = true;
	return 0;
}

static int
open_zstd(struct source *s)
{
	if (s->zstd == NULL)
		s->zstd = ZSTD_createDStream();
	if (s->zstd == NULL ||
	    ZSTD_isError(ZSTD_DCtx_reset(s->zstd, ZSTD_reset_session_only)) ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, WINDOW_LOG))) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

static int
look(struct source *s)
{
	s->kind = PLAIN;
	if (s->form == SOURCE_PLAIN)
		return 0;
	if (need(s, MAGIC) == -1)
		return -1;
	if (is_gzip(magic(s))) {
		s->kind = GZIP;
		return open_gzip(s);
	}
	if (is_zstd(magic(s))) {
		s->kind = ZSTD;
		return open_zstd(s);
	}
	if (s->form == SOURCE_PACKED)
		s->end = SOURCE_BROKEN;
	return 0;
}

static ssize_t
read_plain(struct source *s, void *p, size_t n)
{
	size_t have = s->len - s->pos;
	ssize_t got;

	if (have > 0) {
		n = have < n ? have : n;
		memcpy(p, s->in + s->pos, n);
		s->pos += n;
		return (ssize_t)n;
	}
	got = s->eof ? 0 : read_some(s, p, n);
	if (got == 0)
		s->end = SOURCE_WHOLE;
	return got;
}

/* Behind the last member or frame.  Count what is there.  Returns 0 or -1. */
static int
count_extra(struct source *s)
{
	do {
		s->extra += s->len - s->pos;
		s->pos = s->len = 0;
		if (need(s, 1) == -1)
			return -1;
	} while (s->len > 0);
	s->end = s->extra > 0 ? SOURCE_TRAILING : SOURCE_WHOLE;
	return 0;
}

/* One step of zlib, *made bytes into p.  Returns 0 or -1. */
static int
step_gzip(struct source *s, void *p, size_t n, size_t *made)
{
	int status;

	s->gzip.next_in = s->in + s->pos;
	s->gzip.avail_in = (uInt)(s->len - s->pos);
	s->gzip.next_out = p;
	s->gzip.avail_out = n < INT32_MAX ? (uInt)n : INT32_MAX;
	n = s->gzip.avail_out;
	status = inflate(&s->gzip, Z_NO_FLUSH);
	s->pos = s->len - s->gzip.avail_in;
	*made = n - s->gzip.avail_out;
	s->within = status != Z_STREAM_END;
	if (status == Z_MEM_ERROR) {
		errno = ENOMEM;
		return -1;
	}
	if (status == Z_STREAM_END)
		return open_gzip(s);
	if (status != Z_OK && status != Z_BUF_ERROR)
		s->end = SOURCE_BROKEN;
	return 0;
}

/*
 * It is given what it asked for, less the next block's header, and no more: then it does one thing a
 * call, a block or a checksum, and an error does not lose what came out whole before.
 */
static int
step_zstd(struct source *s, void *p, size_t n, size_t *made)
{
	size_t left = s->len - s->pos;
	size_t ask = s->hint > 0 ? s->hint : FRAME_HEADER;
	size_t give = s->full ? 0 : ask > BLOCK_HEADER ? ask - BLOCK_HEADER : ask;
	ZSTD_inBuffer in = { s->in, s->pos + (give < left ? give : left), s->pos };
	ZSTD_outBuffer out = { p, n, 0 };
	size_t status = ZSTD_decompressStream(s->zstd, &out, &in);

	s->pos = in.pos;
	*made = out.pos;
	s->full = out.pos == n;
	s->within = status != 0;
	s->hint = ZSTD_isError(status) ? 0 : status;
	if (!ZSTD_isError(status))
		return 0;
	switch (ZSTD_getErrorCode(status)) {
	case ZSTD_error_memory_allocation: errno = ENOMEM; return -1;
	case ZSTD_error_frameParameter_windowTooLarge: s->end = SOURCE_WINDOW; return 0;
	default: s->end = SOURCE_BROKEN; return 0;
	}
}

/* Between two members or frames, or before the first: does another one follow?  1, 0 or -1. */
static int
next_begins(struct source *s)
{
	if (need(s, MAGIC) == -1)
		return -1;
	if (s->len > s->pos && (s->kind == GZIP ? is_gzip(magic(s)) : is_zstd(magic(s))))
		return 1;
	return count_extra(s);
}

static ssize_t
read_packed(struct source *s, void *p, size_t n)
{
	size_t made = 0;

	while (made == 0 && s->end == SOURCE_MORE) {
		int more = s->within ? 1 : next_begins(s);
		bool dry;

		if (more != 1)
			return more;
		if (need(s, 1) == -1)
			return -1;
		dry = s->len == s->pos; /* nothing left to give it */
		if ((s->kind == GZIP ? step_gzip : step_zstd)(s, p, n, &made) == -1)
			return -1;
		if (made == 0 && dry && !s->full && s->within && s->end == SOURCE_MORE)
			s->end = SOURCE_BROKEN; /* the input ended within */
	}
	return (ssize_t)made;
}

ssize_t
source_read(struct source *s, void *p, size_t n)
{
	if (s->end != SOURCE_MORE)
		return 0;
	if (s->kind == UNKNOWN && look(s) == -1)
		return -1;
	if (s->end != SOURCE_MORE)
		return 0;
	return s->kind == PLAIN ? read_plain(s, p, n) : read_packed(s, p, n);
}
