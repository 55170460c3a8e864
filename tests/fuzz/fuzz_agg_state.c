/*
 * What quality-agg saves and reads again (--state, --merge), any bytes.
 *
 * The bytes are read as they are, and again with the right checksum behind them, so that the checksum hides
 * nothing.  Properties: what is refused says why; what is accepted, written, is read again, and written
 * again gives the same bytes; merged into an empty state it is the same; what could not be read to its end,
 * or written, is said.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "fault.h"
#include "stat/statefile.h"

enum { COLUMNS = 3 };

static const char *const columns[COLUMNS] = { "latency_ms", "score", "cache_hit" };
static const struct state_names names = { "quality-agg", columns };

static int
memory_file(struct slice text)
{
	int fd = memfd_create("state", MFD_CLOEXEC);

	MUST(fd != -1 && file_write(fd, text) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static int
get_told(struct slice text, struct state *s, struct state_head *head, bool *refused)
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

	fault_on();
	r.in = lines_open(fd, STATE_LINE, false);
	rc = state_get(&r, s, head);
	MUST(rc != -1 || r.wrong != NULL || fault_hit());
	*refused = rc == -1 && r.wrong != NULL;
	lines_free(r.in);
	fault_off();
	close(fd);
	return rc;
}

static int
get(struct slice text, struct state *s, struct state_head *head)
{
	bool refused;

	return get_told(text, s, head, &refused);
}

static char dir[32], path[48];

/* What a failing unlink(2) left as well. */
static void
clean(void)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

static void
name_file(void)
{
	strcpy(dir,
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz_agg.XXXXXX"
					  : "/tmp/fuzz_agg.XXXXXX");
	MUST(mkdtemp(dir) != NULL);
	strcat(strcpy(path, dir), "/state");
	atexit(clean);
}

/* Write s in place of another file, and read that.  False: it could not be; then the other one still stands. */
static bool
put(struct buf *text, const struct state *s, const struct state_head *head)
{
	static const char other[] = "what was there";
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
	struct out out;
	bool open, done = false;

	MUST(fd != -1 && file_write(fd, SLICE(other)) == 0);
	close(fd);
	fault_on();
	open = out_open(&out, path) == 0;
	if (open) {
		state_put(&out, s, &names, head);
		done = out_close(&out, true) == 0;
	}
	fault_off();
	MUST(done || fault_hit());
	MUST(file_load(path, 1 << 26, text) == 0);
	/* If all but the sync of the directory was done, it may be the new one. */
	MUST(
	    !slice_is(buf_view(text), other) ? slice_ends(buf_view(text), SLICE("\n")) : !done);
	return done;
}

/* s was accepted: it must come back as it is written. */
static bool
round_trip(struct state *s, const struct state_head *head)
{
	struct buf a = { 0 }, b = { 0 };
	struct state again, empty;
	struct state_head head2 = { .accepted = 0 };
	bool done = put(&a, s, head);

	fault_over();
	if (!done) {
		buf_reset(&a);
		MUST(put(&a, s, head));
	}
	MUST(get(buf_view(&a), &again, &head2) == 1);
	state_init(&empty, &again.shape);
	state_merge(&empty, &again);
	MUST(put(&b, &empty, &head2));
	MUST(slice_eq(buf_view(&a), buf_view(&b)));
	state_free(&again);
	state_free(&empty);
	buf_free(&a);
	buf_free(&b);
	buf_free(&head2.by);
	return done;
}

/* 1: accepted; 0: nothing in it; 2: refused; -1: could not be read, or written again. */
static int
try(struct slice text)
{
	struct state_head head = { .accepted = 0 };
	struct state s;
	bool refused;
	int rc = get_told(text, &s, &head, &refused);

	if (rc == 1 && !round_trip(&s, &head))
		rc = -1;
	state_free(&s);
	buf_free(&head.by);
	return rc == -1 && refused ? 2 : rc;
}

uint64_t
trial(struct slice input)
{
	struct buf text = { 0 };
	struct hash hash;
	int bare, summed;

	if (path[0] == '\0')
		name_file();
	buf_reserve(&text, 1);
	buf_slice(&text, input);
	bare = try(buf_view(&text));
	sha256(buf_view(&text), &hash);
	buf_str(&text, "end ");
	hex_put(&text, hash.b, sizeof hash.b);
	buf_byte(&text, '\n');
	summed = bare == -1 ? -1 : try(buf_view(&text));
	buf_free(&text);
	return summed == -1
	    ? CANNOT
	    : answer_number(answer_number(ANSWER, (unsigned)bare), (unsigned)summed);
}
