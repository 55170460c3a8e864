/*
 * fuzz_state - the reader of states over any bytes.
 *
 * The bytes are read as they are, and again with the right checksum behind them, so that the checksum hides
 * nothing.  Properties: what is refused says why; what is accepted, written, is read again, and written
 * again gives the same bytes; merged into an empty state it is the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "stat/statefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { COLUMNS = 3 };

static const char *const columns[COLUMNS] = { "latency_ms", "score", "cache_hit" };
static const struct state_names names = { "quality-agg", columns };

static void
must(bool held)
{
	if (!held)
		abort();
}

static int
memory_file(struct slice text)
{
	int fd = memfd_create("state", MFD_CLOEXEC);

	must(fd != -1 && file_write(fd, text) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static int
get(struct slice text, struct state *s, struct state_head *head)
{
	struct state_reader r = {
		.names = &names,
		.shape = { .columns = COLUMNS,
		    .keep = { KEEP_COUNT | KEEP_SUM | KEEP_QUANTILE,
			KEEP_COUNT | KEEP_SUM | KEEP_QUANTILE, KEEP_COUNT },
		    .tallies = 2,
		    .labels = true },
	};
	int fd = memory_file(text), rc;

	r.in = lines_open(fd, STATE_LINE, false);
	rc = state_get(&r, s, head);
	must(rc != -1 || r.wrong != NULL);
	lines_free(r.in);
	close(fd);
	return rc;
}

static void
put(struct buf *text, const struct state *s, const struct state_head *head)
{
	int fd = memory_file((struct slice){ NULL, 0 });
	struct out out = { .fd = fd, .name = "state" };

	state_put(&out, s, &names, head);
	must(out_flush(&out) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	must(file_read(fd, 1 << 26, text) == 0);
	buf_free(&out.buf);
	close(fd);
}

/* s was accepted: it must come back as it is written. */
static void
round_trip(struct state *s, const struct state_head *head)
{
	struct buf a = { 0 }, b = { 0 };
	struct state again, empty;
	struct state_head head2 = { .accepted = 0 };

	put(&a, s, head);
	must(get(buf_view(&a), &again, &head2) == 1);
	state_init(&empty, &again.shape);
	state_merge(&empty, &again);
	put(&b, &empty, &head2);
	must(slice_eq(buf_view(&a), buf_view(&b)));
	state_free(&again);
	state_free(&empty);
	buf_free(&a);
	buf_free(&b);
	buf_free(&head2.by);
}

static void
try(struct slice text)
{
	struct state_head head = { .accepted = 0 };
	struct state s;

	if (get(text, &s, &head) == 1)
		round_trip(&s, &head);
	state_free(&s);
	buf_free(&head.by);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text = { 0 };
	struct hash hash;

	buf_reserve(&text, 1);
	buf_add(&text, data, len);
	try(buf_view(&text));
	sha256(buf_view(&text), &hash);
	buf_str(&text, "end ");
	hex_put(&text, hash.b, sizeof hash.b);
	buf_byte(&text, '\n');
	try(buf_view(&text));
	buf_free(&text);
	return 0;
}
