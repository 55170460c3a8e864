#include "log/records.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/parallel.h"
#include "log/source.h"
#include "log/starts.h"

struct run {
	struct records *r;
	struct source *source;
	record_take *take;
	void *arg;
	bool last; /* the live log */
};

static ssize_t
read_source(void *arg, void *p, size_t n)
{
	struct run *run = arg;

	return source_read(run->source, p, n);
}

static void
work(void *arg, struct chunk *c)
{
	(void)arg;
	(void)c;
}

static bool
stop(struct run *run, const char *why)
{
	run->r->why = why;
	return false;
}

static bool
take(void *arg, struct chunk *c)
{
	struct slice line[RECORDS_RUN], rest = c->text;
	struct run *run = arg;
	size_t n = 0;

	if (c->too_long)
		return run->r->skip_long || (c->torn && run->last) || stop(run, "line-length");
	while (chunk_next(&rest, &line[n])) {
		bool torn = c->torn && rest.len == 0;

		if (torn && !run->last)
			return stop(run, "torn");
		if (!torn && ++n == RECORDS_RUN) {
			if (run->take(run->arg, line, n) != 0)
				return false;
			n = 0;
		}
	}
	return n == 0 || run->take(run->arg, line, n) == 0;
}

/* One file.  Returns as records_each. */
static int
read_one(struct run *run, int fd)
{
	struct parallel p = {
		.jobs = 1,
		.max = LINES_MAX,
		.read = read_source,
		.arg = run,
		.work = work,
		.take = take,
	};
	int status;

	if (lseek(fd, 0, SEEK_SET) == -1)
		return -1;
	run->source = source_open(fd, run->last ? SOURCE_PLAIN : SOURCE_ANY);
	status = parallel_run(&p, -1);
	if (status == 1 && source_end(run->source) != SOURCE_WHOLE)
		run->r->why = "unreadable";
	source_free(run->source);
	return run->r->why != NULL ? -1 : status;
}

int
records_each(struct records *r, record_take *each, void *arg)
{
	struct run run = { .r = r, .take = each, .arg = arg };
	int status = 1;

	r->why = NULL;
	for (r->at = 0; status == 1 && r->at < r->n; r->at++) {
		run.last = r->at + 1 == r->n;
		status = read_one(&run, r->fd[r->at]);
	}
	r->at--;
	return status;
}

static int
count(void *arg, const struct slice *line, size_t n)
{
	uint64_t *lines = arg;

	(void)line;
	*lines += n;
	return 0;
}

int
records_count(struct records *r, uint64_t *lines)
{
	*lines = 0;
	return records_each(r, count, lines) == 1 ? 0 : -1;
}

/* Add an entry unless it is there. */
static size_t
add(uint64_t found[RECORDS_FIRST], size_t n, uint64_t first)
{
	for (size_t i = 0; i < n; i++)
		if (found[i] == first)
			return n;
	found[n] = first;
	return n + 1;
}

size_t
records_first(int tree, uint64_t size, uint64_t lines, uint64_t found[RECORDS_FIRST])
{
	uint64_t least = size > lines ? size - lines : 0, *starts;
	size_t n = 0, count_starts;

	/* The segment that begins where so many lines reach the end, as the hints have it. */
	if (starts_get(tree, size, &starts, &count_starts)) {
		for (size_t i = 0; i < count_starts && n == 0; i++)
			if (starts[i] >= least)
				n = add(found, n, starts[i]);
		free(starts);
	}
	n = add(found, n, least);
	return n;
}
