#include "log/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/progress.h"
#include "log/compress.h"
#include "log/place.h"

enum { PIECE = 1 << 18 };

static const char temporary[] = ".tmp";

struct pack {
	const struct pack_options *o;
	struct manifest *m;
	struct sha256 *plain, *file;
	struct compress *compress; /* NULL: plain */
	struct buf message;        /* what is to be encrypted next */
	struct buf temp;           /* name of the part being written */
	int fd;                    /* on it, or -1 */
	uint64_t bytes;            /* in it */
};

static int
open_part(struct pack *p)
{
	buf_reset(&p->temp);
	manifest_part_put(&p->temp, p->m, p->m->parts);
	buf_str(&p->temp, temporary);
	if (unlinkat(p->o->dir, buf_cstr(&p->temp), 0) == -1 && errno != ENOENT)
		return -1;
	p->fd = place_open(p->o->dir, p->temp.p, O_WRONLY | O_CREAT, p->o->mode, NULL);
	p->bytes = 0;
	sha256_begin(p->file);
	return p->fd == -1 ? -1 : 0;
}

static int
write_part(struct pack *p, struct slice data)
{
	if (p->fd == -1 && open_part(p) == -1)
		return -1;
	sha256_add(p->file, data.p, data.len);
	p->bytes += data.len;
	return file_write(p->fd, data);
}

/* The part is complete, and synced. */
static int
close_part(struct pack *p)
{
	struct manifest *m = p->m;

	m->part = xrealloc(m->part, m->parts + 1, sizeof *m->part);
	m->part[m->parts].bytes = p->bytes;
	sha256_end(p->file, &m->part[m->parts].sha256);
	if (fsync(p->fd) == -1)
		return -1;
	/* What is read back is to come from the disk, as far as the system lets us ask for that. */
	posix_fadvise(p->fd, 0, 0, POSIX_FADV_DONTNEED);
	place_close(p->fd);
	p->fd = -1;
	m->parts++;
	return 0;
}

/* Encrypt what has gathered, as a part of its own. */
static int
seal_message(struct pack *p)
{
	struct buf der = { 0 };
	int status = recipients_seal(p->o->to, buf_view(&p->message), &der);

	if (status == -1)
		errno = EPROTO;
	else
		status = write_part(p, buf_view(&der)) == 0 ? close_part(p) : -1;
	buf_free(&der);
	buf_reset(&p->message);
	return status;
}

/* Some of the (compressed) bytes. */
static int
put(void *arg, struct slice data)
{
	struct pack *p = arg;

	if (p->o->to == NULL)
		return write_part(p, data);
	while (data.len > 0) {
		size_t room = MANIFEST_PART - p->message.len;
		size_t n = data.len < room ? data.len : room;

		buf_add(&p->message, data.p, n);
		data.p += n;
		data.len -= n;
		if (p->message.len == MANIFEST_PART && seal_message(p) == -1)
			return -1;
	}
	return 0;
}

static int
finish(struct pack *p)
{
	if (p->compress != NULL && compress_end(p->compress, put, p) == -1)
		return -1;
	if (p->o->to != NULL && (p->message.len > 0 || p->m->parts == 0))
		return seal_message(p);
	return p->o->to == NULL ? close_part(p) : 0;
}

/* Does the segment's own file stay, so that there is nothing to write? */
static bool
is_part(const struct pack_options *o)
{
	return o->to == NULL && o->compression == MANIFEST_PLAIN;
}

static ssize_t
read_piece(int fd, uint64_t at, uint64_t end, char *piece)
{
	size_t want = end - at < PIECE ? (size_t)(end - at) : PIECE;
	ssize_t n;

	do
		n = pread(fd, piece, want, (off_t)at);
	while (n == -1 && errno == EINTR);
	if (n == 0)
		errno = EIO; /* shorter than it was */
	return n == 0 ? -1 : n;
}

static int
pack_all(struct pack *p, int fd, uint64_t bytes, char *piece)
{
	for (uint64_t at = 0; at < bytes;) {
		ssize_t n = read_piece(fd, at, bytes, piece);
		struct slice data = { piece, n > 0 ? (size_t)n : 0 };
		int status = n == -1 ? -1 : 0;

		sha256_add(p->plain, data.p, data.len);
		at += data.len;
		progress_add(data.len);
		if (status == 0 && p->compress != NULL)
			status = compress_add(p->compress, data, put, p);
		else if (status == 0 && !is_part(p->o))
			status = put(p, data);
		if (status == -1)
			return -1;
	}
	sha256_end(p->plain, &p->m->sha256);
	p->m->bytes = bytes;
	if (!is_part(p->o))
		return finish(p);
	p->m->part = xrealloc(p->m->part, 1, sizeof *p->m->part);
	p->m->part[0] = (struct manifest_part){ bytes, p->m->sha256 };
	p->m->parts = 1;
	return 0;
}

/* Is the file what the part says?  1, 0, or -1 with errno. */
static int
check_part(int dir, const char *name, const struct manifest_part *part, char *piece)
{
	int fd = place_open(dir, name, O_RDONLY, 0, NULL), status = 1;
	struct sha256 *sha;
	struct hash h;
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != part->bytes)
		status = 0;
	sha = sha256_new();
	sha256_begin(sha);
	for (uint64_t at = 0; status == 1 && at < part->bytes;) {
		ssize_t n = read_piece(fd, at, part->bytes, piece);

		if (n == -1)
			status = -1;
		else
			sha256_add(sha, piece, (size_t)n);
		at += n > 0 ? (uint64_t)n : 0;
	}
	if (status == 1) {
		sha256_end(sha, &h);
		status = hash_eq(&h, &part->sha256);
	}
	sha256_free(sha);
	place_close(fd);
	return status;
}

int
pack_check(int dir, const struct manifest *m, const char *suffix)
{
	char *piece = xmalloc(PIECE);
	struct buf name = { 0 };
	int status = 1;

	for (size_t i = 0; status == 1 && i < m->parts; i++) {
		buf_reset(&name);
		manifest_part_put(&name, m, i);
		buf_str(&name, suffix);
		status = check_part(dir, buf_cstr(&name), &m->part[i], piece);
	}
	buf_free(&name);
	free(piece);
	return status;
}

/* All parts are there and right: they get their names. */
static int
name_parts(struct pack *p)
{
	struct buf name = { 0 };
	int status = 0;

	for (size_t i = 0; status == 0 && i < p->m->parts; i++) {
		buf_reset(&name);
		buf_reset(&p->temp);
		manifest_part_put(&name, p->m, i);
		buf_printf(&p->temp, "%s%s", buf_cstr(&name), temporary);
		status = renameat(p->o->dir, buf_cstr(&p->temp), p->o->dir, name.p);
	}
	buf_free(&name);
	return status == 0 ? place_sync(p->o->dir) : -1;
}

static int
read_back(struct pack *p)
{
	int status = pack_check(p->o->dir, p->m, temporary);

	if (status == 0)
		errno = EILSEQ;
	return status == 1 ? 0 : -1;
}

/* It did not come to an end: nothing of it stays. */
static void
undo(struct pack *p)
{
	int error = errno;

	place_close(p->fd);
	for (size_t i = 0; !is_part(p->o) && i <= p->m->parts; i++) {
		buf_reset(&p->temp);
		manifest_part_put(&p->temp, p->m, i);
		unlinkat(p->o->dir, buf_cstr(&p->temp), 0);
		buf_str(&p->temp, temporary);
		unlinkat(p->o->dir, buf_cstr(&p->temp), 0);
	}
	errno = error;
}

int
pack_segment(const struct pack_options *o, int fd, uint64_t bytes, struct manifest *m)
{
	struct pack p = { .o = o, .m = m, .fd = -1 };
	char *piece = xmalloc(PIECE);
	int status;

	p.plain = sha256_new();
	p.file = sha256_new();
	sha256_begin(p.plain);
	if (o->compression != MANIFEST_PLAIN)
		p.compress = compress_new(o->compression == MANIFEST_ZSTD, bytes);
	status = pack_all(&p, fd, bytes, piece);
	if (status == 0 && !is_part(o))
		status = read_back(&p) == 0 ? name_parts(&p) : -1;
	if (status == -1)
		undo(&p);
	compress_free(p.compress);
	sha256_free(p.plain);
	sha256_free(p.file);
	buf_free(&p.message);
	buf_free(&p.temp);
	free(piece);
	return status;
}
