#include "log/segments.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "log/leaves.h"

enum { RUN = 1024 }; /* leaves read back at a time */

void
segments_open(struct segment *segment, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct segment *g = &segment[i];

		g->spool = -1;
		g->source = g->fd == -1 ? NULL : source_open(g->fd, g->form);
	}
}

void
segments_close(struct segment *segment, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		source_free(segment[i].source);
		segment[i].source = NULL;
		if (segment[i].spool != -1)
			close(segment[i].spool);
		segment[i].spool = -1;
	}
}

int
segments_spool(void)
{
	const char *dir = getenv("TMPDIR");
	char path[] = "/tmp/audit-verify.XXXXXX";
	int fd = open(dir != NULL && *dir == '/' ? dir : "/tmp",
	    O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

	if (fd != -1)
		return fd;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd != -1)
		unlink(path);
	return fd;
}

struct reading {
	struct segments *s;
	struct segment *g;
	bool failed;
};

static bool
take(void *arg, const struct hash *leaves, size_t n)
{
	struct reading *r = arg;
	struct slice bytes = { (const char *)leaves, n * sizeof *leaves };

	if (r->g->spool != -1 && file_write(r->g->spool, bytes) == -1) {
		r->failed = true;
		return false;
	}
	r->g->lines += n;
	return r->s->take(r->s->arg, leaves, n);
}

/* The first reading of a segment. */
static int
read_lines(struct segments *s, struct segment *g)
{
	struct reading r = { s, g, false };
	struct leaves l = { s->jobs, g->bytes, &r, take };
	int status;

	if (!source_can_rewind(g->source) && (g->spool = segments_spool()) == -1)
		return -1;
	g->lines = 0;
	status = leaves_run(&l, g->source, &g->torn);
	g->end = source_end(g->source);
	g->extra = source_extra(g->source);
	source_rest(g->source);
	return r.failed ? -1 : status;
}

/* Another reading of a stream. */
static int
read_spool(struct segments *s, struct segment *g)
{
	struct hash run[RUN];
	uint64_t left = g->lines;

	if (lseek(g->spool, 0, SEEK_SET) == -1)
		return -1;
	while (left > 0) {
		size_t n = left < RUN ? (size_t)left : RUN;
		ssize_t got = read(g->spool, run, n * sizeof *run);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got != (ssize_t)(n * sizeof *run)) {
			errno = EIO;
			return -1;
		}
		if (!s->take(s->arg, run, n))
			return 0;
		left -= n;
	}
	return 1;
}

static int
read_one(struct segments *s, struct segment *g)
{
	if (g->source == NULL)
		return 1;
	if (g->spool != -1)
		return read_spool(s, g);
	if (source_can_rewind(g->source) && source_rewind(g->source) == -1)
		return -1;
	return read_lines(s, g);
}

int
segments_read(struct segments *s)
{
	uint64_t first = 0;

	for (s->at = 0; s->at < s->n; s->at++) {
		struct segment *g = &s->segment[s->at];
		int status;

		g->first = first;
		if (s->begin != NULL)
			s->begin(s->arg, s->at);
		status = read_one(s, g);
		if (status != 1)
			return status;
		first += g->lines;
		if (s->end != NULL)
			s->end(s->arg, s->at);
	}
	return 1;
}

size_t
segments_place(const struct segment *segment, size_t n, uint64_t line)
{
	size_t last = 0;

	for (size_t i = 0; i < n; i++) {
		if (segment[i].lines == 0)
			continue;
		last = i;
		if (line - segment[i].first < segment[i].lines)
			break;
	}
	return last;
}
