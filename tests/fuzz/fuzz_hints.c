/*
 * The file "hints" of a log's tree, any bytes.
 *
 * Input: a byte of flags (1, 2: which segment is given, with neither both; 4: a byte of LOG is
 * another; 8: a range; 16: an incremental run; 32: append), two bytes for where, and the hints.
 * Properties: hints never make an answer better; unless they say of a segment that is not given
 * where it begins, the answer is that without any; append does what it does without them, unless
 * they say that LOG begins elsewhere (then lines may have been cut, and it refuses), and what it
 * leaves is intact; also if a call fails, and the next append goes on.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fault.h"
#include "log/hints.h"
#include "log/records.h"
#include "log/starts.h"
#include "world.h"

enum { OLD_ONLY = 1, LIVE_ONLY = 2, BENT = 4, RANGE = 8, STATE = 16, APPEND = 32 };

static char hints[64];

/* What can be told from the file alone. */
static void
read_alone(const struct world *w, uint64_t size)
{
	int tree = open(w->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	uint64_t *starts, first = 0, found[RECORDS_FIRST];
	struct hint hint;
	bool later, said;
	size_t n = 0;

	MUST(tree != -1);
	fault_on();
	said = starts_get(tree, size, &starts, &n);
	fault_off();
	MUST(!said || (n > 0 && n <= STARTS_MAX && starts[0] == 0));
	for (size_t i = 1; said && i < n; i++)
		MUST(starts[i] > starts[i - 1] && starts[i] < size);
	if (said)
		free(starts);
	fd = openat(tree, "hints", O_RDONLY | O_CLOEXEC);
	fault_on();
	said = fd != -1 && hints_segment(fd, size, &first, &later) == 1;
	MUST(first <= size);
	if (said && hints_find(fd, size, &hint) == 1)
		MUST(hint.index <= size && hint.index >= first);
	n = records_first(tree, size, size / 2, found);
	fault_off();
	MUST(n <= RECORDS_FIRST);
	for (size_t i = 0; i < n; i++)
		MUST(found[i] <= size);
	close(fd);
	close(tree);
}

/* What audit-verify says, but for how much it read. */
static uint64_t
verify(unsigned flags, uint64_t at, enum tool_status *status)
{
	const struct world *w = world_get();
	struct world_ask ask = { .old = (flags & LIVE_ONLY) == 0,
		.live = (flags & OLD_ONLY) == 0 };
	uint64_t answer;

	if (!ask.old && !ask.live)
		ask.old = ask.live = true;
	ask.range = flags & RANGE;
	ask.from = at % WORLD_SIZE;
	ask.to = ask.from + at % (WORLD_SIZE - ask.from);
	ask.state = (flags & (STATE | RANGE)) == STATE ? w->state : NULL;
	*status = world_verify(&ask);
	answer = world_answer(&ask, *status);
	buf_free(&ask.text);
	return answer;
}

/* Flip a bit of the live log, but no line's end. */
static void
bend(const struct world *w, uint64_t at)
{
	struct buf text = { 0 };

	MUST(file_load(w->log, 1 << 20, &text) == 0);
	at %= text.len;
	if (text.p[at] != '\n')
		text.p[at] ^= 1;
	world_put(w->log, buf_view(&text));
	buf_free(&text);
}

static uint64_t
try_verify(const struct world *w, unsigned flags, uint64_t at, struct slice text)
{
	bool whole = (flags & OLD_ONLY) == (flags & LIVE_ONLY) / 2;
	enum tool_status with, without;
	uint64_t answer, none;

	if ((flags & BENT) != 0)
		bend(w, at);
	world_put(hints, text);
	answer = verify(flags, at, &with);
	if (!whole && with != TOOL_OK)
		answer = CANNOT; /* what is missing is more or less certain */
	if (fault_hit())
		return answer;
	fault_over();
	unlink(hints);
	unlink(w->state);
	none = verify(flags, at, &without);
	MUST(whole ? answer == none : with >= without || without == TOOL_TROUBLE);
	MUST(with != TOOL_OK || without == TOOL_OK);
	return answer;
}

/* Does the file say that the live log begins elsewhere than it does? */
static bool
misleads(void)
{
	int fd = open(hints, O_RDONLY | O_CLOEXEC);
	uint64_t first = 0;
	bool later = false, said;

	said = hints_segment(fd, WORLD_SIZE, &first, &later) == 1;
	close(fd);
	return said && (first != WORLD_OLD || later);
}

/* Append, and see that all is intact. */
static bool
append_one(void)
{
	struct world_ask ask = { .old = true, .live = true };
	bool done = world_append(SLICE("one more\n")) == 0;

	if (done)
		MUST(world_verify(&ask) == TOOL_OK || fault_hit());
	buf_free(&ask.text);
	return done;
}

static uint64_t
try_append(const struct world *w, struct slice text)
{
	struct buf log = { 0 };
	bool misled, done;

	world_put(hints, text);
	misled = misleads();
	done = append_one();
	if (!done) {
		/* It refuses rather than to go on with what may have been cut. */
		MUST(misled || fault_hit());
		fault_over();
		if (misled)
			unlink(hints);
		MUST(append_one());
	}
	MUST(file_load(w->log, 1 << 20, &log) == 0);
	MUST(slice_ends(buf_view(&log), SLICE("one more\n")));
	buf_free(&log);
	return done ? ANSWER : CANNOT;
}

uint64_t
trial(struct slice input)
{
	const struct world *w = world_get();
	uint64_t at, answer;
	unsigned flags;
	struct slice text;

	if (input.len < 3)
		return CANNOT;
	world_restore();
	flags = (uint8_t)input.p[0];
	at = (uint64_t)(uint8_t)input.p[1] << 8 | (uint8_t)input.p[2];
	text = (struct slice){ input.p + 3, input.len - 3 };
	snprintf(hints, sizeof hints, "%s/hints", w->tree);
	world_put(hints, text);
	read_alone(w, 1 + at % 3000);
	answer = (flags & APPEND) != 0 ? try_append(w, text) : try_verify(w, flags, at, text);
	return answer;
}
