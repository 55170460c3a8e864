/* lines and parallel: whatever way the bytes arrive, the same lines come out. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "check.h"

struct source {
	int fd;
	struct slice text;
	unsigned seed; /* of the sizes of the writes; 0: one write */
};

static void *
pour(void *arg)
{
	struct source *s = arg;
	struct slice rest = s->text;

	while (rest.len > 0) {
		size_t n = s->seed == 0 ? rest.len : 1 + (size_t)rand_r(&s->seed) % 70000;

		if (n > rest.len)
			n = rest.len;
		(void)!file_write(s->fd, (struct slice){ rest.p, n });
		rest.p += n;
		rest.len -= n;
	}
	close(s->fd);
	return NULL;
}

/* A descriptor that text comes out of: a file, or a pipe fed in odd pieces. */
static int
open_source(struct source *s, bool file, pthread_t *thread)
{
	char name[] = "/tmp/test_lines.XXXXXX";
	int fd[2];

	if (file) {
		fd[0] = mkstemp(name);
		unlink(name);
		(void)!file_write(fd[0], s->text);
		lseek(fd[0], 0, SEEK_SET);
		return fd[0];
	}
	if (pipe(fd) == -1)
		abort();
	s->fd = fd[1];
	pthread_create(thread, NULL, pour, s);
	return fd[0];
}

/* What a run wrote of each line: "length:hash-ish\n", "LONG length\n", "TORN". */
static void
record(struct buf *b, struct slice line, bool torn)
{
	unsigned long sum = 5381;

	for (size_t i = 0; i < line.len; i++)
		sum = sum * 33 + (unsigned char)line.p[i];
	buf_printf(b, "%zu:%lx%s\n", line.len, sum, torn ? " torn" : "");
}

static size_t long_bytes;

static void
on_long(void *arg, struct slice piece)
{
	(void)arg;
	long_bytes += piece.len;
}

static void
by_lines(int fd, size_t max, struct buf *b)
{
	struct lines *in = lines_open(fd, max, true);
	struct line line;
	uint64_t number = 0;

	lines_on_long(in, on_long, NULL);
	while (lines_next(in, &line) == 1) {
		CHECK(line.number == ++number);
		if (line.too_long)
			buf_printf(b, "LONG %llu%s\n", (unsigned long long)line.length,
			    line.torn ? " torn" : "");
		else
			record(b, line.text, line.torn);
	}
	lines_free(in);
}

static void *
make(void *arg)
{
	(void)arg;
	return xzalloc(1, sizeof(struct buf));
}

static void
drop(void *arg, void *result)
{
	(void)arg;
	buf_free(result);
	free(result);
}

static void
work(void *arg, struct chunk *c)
{
	struct slice rest = c->text, line;

	(void)arg;
	buf_reset(c->result);
	while (chunk_next(&rest, &line))
		record(c->result, line, c->torn && rest.len == 0);
}

static bool
take(void *arg, struct chunk *c)
{
	if (c->too_long)
		buf_printf(arg, "LONG %llu%s\n", (unsigned long long)c->length,
		    c->torn ? " torn" : "");
	else
		buf_slice(arg, buf_view(c->result));
	return true;
}

static void
by_parallel(int fd, size_t max, unsigned jobs, size_t chunk, struct buf *b)
{
	struct parallel p = { .jobs = jobs,
		.max = max,
		.chunk = chunk,
		.stream = true,
		.arg = b,
		.make = make,
		.drop = drop,
		.work = work,
		.take = take,
		.on_long = on_long };

	CHECK(parallel_run(&p, fd) == 1);
}

/* All ways of reading text give the same record. */
static void
all_ways(struct slice text, size_t max)
{
	struct buf want = { 0 }, got = { 0 };

	for (unsigned way = 0; way < 12; way++) {
		struct source s = { .text = text, .seed = way % 3 };
		struct buf *b = way == 0 ? &want : &got;
		bool file = way % 2 == 0;
		pthread_t thread;
		int fd = open_source(&s, file, &thread);

		buf_reset(b);
		if (way < 4)
			by_lines(fd, max, b);
		else
			by_parallel(fd, max, 1 + way % 4, way < 8 ? 0 : 4096, b);
		close(fd);
		if (!file)
			pthread_join(thread, NULL);
		if (way > 0)
			CHECK(slice_eq(buf_view(&want), buf_view(&got)));
	}
	buf_free(&want);
	buf_free(&got);
}

static void
add_line(struct buf *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_byte(b, (char)('a' + (i * 7 + len) % 26));
	buf_byte(b, '\n');
}

static void
shapes(void)
{
	static const size_t edges[] = { 0, 1, 99, 100, 101, 4095, 4096, 4097, 262143, 262144,
		262145, 1000000 };
	struct buf b = { 0 };

	all_ways(SLICE(""), 100);
	all_ways(SLICE("\n"), 100);
	all_ways(SLICE("a"), 100);
	all_ways(SLICE("a\r\n\n\nb\0c\v\f\xe2\x80\xa8"
		       "d\n"),
	    100);
	for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
		add_line(&b, edges[i]);
	all_ways(buf_view(&b), 100);
	all_ways(buf_view(&b), 65535);
	all_ways(buf_view(&b), 2000000);
	b.len--; /* torn, and too long */
	all_ways(buf_view(&b), 65535);
	all_ways(buf_view(&b), 2000000);
	srand(7);
	buf_reset(&b);
	for (int i = 0; i < 4000; i++)
		add_line(&b, (size_t)rand() % (i % 50 == 0 ? 9000 : 300));
	all_ways(buf_view(&b), 5000);
	buf_free(&b);
}

static void
long_pieces(void)
{
	struct buf b = { 0 };
	struct source s;
	pthread_t thread;
	struct buf got = { 0 };
	int fd;

	add_line(&b, 700000);
	add_line(&b, 3);
	s = (struct source){ .text = buf_view(&b), .seed = 3 };
	long_bytes = 0;
	fd = open_source(&s, false, &thread);
	by_parallel(fd, 1000, 2, 0, &got);
	pthread_join(thread, NULL);
	close(fd);
	CHECK(long_bytes == 700000);
	long_bytes = 0;
	fd = open_source(&s, true, &thread);
	by_lines(fd, 1000, &got);
	close(fd);
	CHECK(long_bytes == 700000);
	buf_free(&b);
	buf_free(&got);
}

/* A read error is reported after what was read before. */
static void
errors(void)
{
	int fd = open("/tmp", O_RDONLY);
	struct lines *in = lines_open(fd, 100, false);
	struct line line;
	struct buf b = { 0 };
	struct parallel p = { .jobs = 2,
		.max = 100,
		.arg = &b,
		.make = make,
		.drop = drop,
		.work = work,
		.take = take };

	CHECK(lines_next(in, &line) == -1 && errno == EISDIR);
	CHECK(parallel_run(&p, fd) == -1 && errno == EISDIR);
	lines_free(in);
	lines_free(NULL);
	close(fd);
	buf_free(&b);
}

static bool
stop(void *arg, struct chunk *c)
{
	(void)c;
	return ++*(int *)arg < 3;
}

static void
stopping(void)
{
	struct buf b = { 0 };
	struct source s;
	pthread_t thread;
	int calls = 0, fd;
	struct parallel p = { .jobs = 3,
		.max = 100,
		.chunk = 1000,
		.arg = &calls,
		.make = make,
		.drop = drop,
		.work = work,
		.take = stop };

	for (int i = 0; i < 2000; i++)
		add_line(&b, 50);
	s = (struct source){ .text = buf_view(&b) };
	fd = open_source(&s, true, &thread);
	CHECK(parallel_run(&p, fd) == 0 && calls == 3);
	close(fd);
	buf_free(&b);
}

int
main(void)
{
	shapes();
	long_pieces();
	errors();
	stopping();
	return check_done();
}
