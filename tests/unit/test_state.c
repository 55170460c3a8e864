/*
 * States: parts merged in random trees are the whole, byte by byte, in memory and as text; what is written is
 * read; what was changed, in any of 10,000 ways, is refused and does no harm.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "check.h"
#include "stat/statefile.h"

enum { COLUMNS = 3, PARTS_MAX = 40, MUTATIONS = 10000 };

static const char *const columns[COLUMNS] = { "latency_ms", "score", "cache_hit" };
static const struct state_names names = { "quality-agg", columns };

static uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static const struct state_shape *
shape(int64_t every, uint64_t exact, struct state_shape *s)
{
	*s = (struct state_shape){
		.columns = COLUMNS,
		.keep = { KEEP_COUNT | KEEP_SUM | KEEP_QUANTILE,
		    KEEP_COUNT | KEEP_SUM | KEEP_QUANTILE, KEEP_COUNT },
		.tallies = 2,
		.labels = true,
		.every = every,
		.exact = exact,
	};
	return s;
}

static double
value(uint64_t *seed)
{
	double u = (double)(random_next(seed) >> 11) * 0x1p-53;

	switch (random_next(seed) % 6) {
	case 0: return 0;
	case 1: return (double)(random_next(seed) % 20);
	case 2: return -u;
	case 3: return u * 1e-300;
	case 4: return u * 1e15;
	default: return (double)(random_next(seed) % 3000000) / 1000;
	}
}

static void
add(struct state *s, struct cell *c, unsigned column, double v)
{
	series_add(&c->series[column], v);
	s->held[column]++;
}

/* A record is a function of its number. */
static void
record_add(struct state *s, uint64_t number)
{
	static const char *const keys[] = { "\4a", "\4\303\274b", "\1", "\4a%c" };
	uint64_t seed = number * 0x9e3779b97f4a7c15 + 1;
	struct instant t = { (int64_t)(random_next(&seed) % 2000000) - 1000000, 7 };
	struct cell *c =
	    state_cell_at(s, slice_of(keys[random_next(&seed) % 4]), state_bucket(s, t));

	cell_record(c, t);
	c->tally[random_next(&seed) % 2]++;
	state_label(s, c, slice_of(keys[random_next(&seed) % 4]), 1);
	add(s, c, 0, value(&seed));
	if (random_next(&seed) % 3 == 0)
		add(s, c, 1, value(&seed));
	add(s, c, 2, (double)(random_next(&seed) % 2));
}

static int
memory_file(void)
{
	int fd = memfd_create("state", MFD_CLOEXEC);

	if (fd == -1)
		abort();
	return fd;
}

static void
put(struct buf *text, struct state *s)
{
	struct state_head head = { .accepted = 5, .refused = 2 };
	int fd = memory_file();
	struct out out = { .fd = fd, .name = "state" };

	buf_str(&head.by, "x");
	state_put(&out, s, &names, &head);
	out_flush(&out);
	lseek(fd, 0, SEEK_SET);
	buf_reset(text);
	CHECK(file_read(fd, 1 << 26, text) == 0);
	buf_free(&out.buf);
	buf_free(&head.by);
	close(fd);
}

/* Read a state.  Returns as state_get. */
static int
get(struct slice text, struct state *s)
{
	struct state_shape any;
	struct state_reader r = { .names = &names, .shape = *shape(0, 0, &any) };
	struct state_head head = { .accepted = 0 };
	int fd = memory_file(), rc;

	if (file_write(fd, text) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		abort();
	r.in = lines_open(fd, STATE_LINE, false);
	rc = state_get(&r, s, &head);
	CHECK(rc != -1 || r.wrong != NULL);
	lines_free(r.in);
	buf_free(&head.by);
	close(fd);
	return rc;
}

/* Merge two at random until one is left; now and then by way of text. */
static void
merge_all(struct state *part, int parts, uint64_t *seed)
{
	struct buf text = { 0 };

	for (; parts > 1; parts--) {
		int a = (int)(random_next(seed) % (uint64_t)parts), b = parts - 1;

		if (a == b)
			a = 0;
		if (random_next(seed) % 3 == 0) {
			put(&text, &part[b]);
			state_free(&part[b]);
			CHECK(get(buf_view(&text), &part[b]) == 1);
		}
		state_merge(&part[a], &part[b]);
		state_free(&part[b]);
	}
	buf_free(&text);
}

static void
test_trees(uint64_t records, int parts, int64_t every, uint64_t exact, uint64_t *seed)
{
	struct state_shape s;
	struct state whole, part[PARTS_MAX];
	struct buf want = { 0 }, got = { 0 };

	state_init(&whole, shape(every, exact, &s));
	for (int i = 0; i < parts; i++)
		state_init(&part[i], &s);
	for (uint64_t i = 0; i < records; i++) {
		record_add(&whole, i);
		record_add(&part[random_next(seed) % (uint64_t)parts], i);
	}
	state_settle(&whole);
	for (int i = 0; i < parts; i++)
		state_settle(&part[i]);
	merge_all(part, parts, seed);
	put(&want, &whole);
	put(&got, &part[0]);
	CHECK(slice_eq(buf_view(&want), buf_view(&got)));
	CHECK(slice_starts(buf_view(&want), SLICE("quality-agg state 1\nby x\n")));
	state_free(&whole);
	state_free(&part[0]);
	buf_free(&want);
	buf_free(&got);
}

static void
mutate(struct buf *b, uint64_t *seed)
{
	size_t at = random_next(seed) % b->len, n = random_next(seed) % 40 + 1;

	if (n > b->len - at)
		n = b->len - at;
	switch (random_next(seed) % 4) {
	case 0: b->p[at] = (char)random_next(seed); break;
	case 1: b->p[at] ^= (char)(1 << random_next(seed) % 8); break;
	case 2:
		memmove(b->p + at, b->p + at + n, b->len - at - n);
		b->len -= n;
		break;
	default: memmove(b->p + at, b->p + random_next(seed) % (b->len - n + 1), n); break;
	}
}

static void
test_mutations(uint64_t *seed)
{
	struct state_shape any;
	struct state s;
	struct buf good = { 0 }, bad = { 0 };

	state_init(&s, shape(86400, 60, &any));
	for (uint64_t i = 0; i < 100; i++)
		record_add(&s, i);
	state_settle(&s);
	put(&good, &s);
	state_free(&s);
	for (int i = 0; i < MUTATIONS; i++) {
		buf_reset(&bad);
		buf_slice(&bad, buf_view(&good));
		do
			mutate(&bad, seed);
		while (bad.len > 0 && random_next(seed) % 3 == 0);
		CHECK(get(buf_view(&bad), &s) ==
			(slice_eq(buf_view(&bad), buf_view(&good)) ? 1 : -1) ||
		    bad.len == 0);
		state_free(&s);
	}
	buf_free(&good);
	buf_free(&bad);
}

/* Too many labels are none, in whatever order they come together. */
static void
test_labels(void)
{
	struct state_shape any;
	struct state part[2];

	for (int i = 0; i < 2; i++) {
		struct cell *c;

		state_init(&part[i], shape(0, 10, &any));
		c = state_cell_at(&part[i], SLICE(""), 0);
		for (int k = 0; k < STATE_LABELS * 3 / 4; k++) {
			char name[16];

			snprintf(name, sizeof name, "%d", k + i * STATE_LABELS / 2);
			state_label(&part[i], c, slice_of(name), 1);
		}
		CHECK(!part[i].labels_lost && c->label_count == STATE_LABELS * 3 / 4);
	}
	state_merge(&part[0], &part[1]);
	CHECK(part[0].labels_lost && part[0].cells[0]->label_count == 0);
	state_free(&part[0]);
	state_free(&part[1]);
}

int
main(void)
{
	uint64_t seed = 20260105;

	for (int parts = 2; parts <= PARTS_MAX; parts++) {
		test_trees(300, parts, 0, 10000, &seed);
		test_trees(300, parts, 86400, 10000, &seed);
		test_trees(300, parts, 0, 200, &seed);
	}
	test_trees(20000, 7, 864000, 1000000, &seed);
	test_mutations(&seed);
	test_labels();
	return check_done();
}
