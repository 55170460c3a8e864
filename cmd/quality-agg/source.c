#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/utf8.h"

static const struct state_names names = { "quality-agg", column_names };

/* The bytes of all regular files, or 0 if they cannot be told. */
static uint64_t
total_size(char **paths)
{
	uint64_t sum = 0;
	struct stat st;

	for (; *paths != NULL; paths++) {
		if (stat(*paths, &st) == -1 || !S_ISREG(st.st_mode))
			return 0;
		sum += (uint64_t)st.st_size;
	}
	return sum;
}

/* What adding path came to.  Returns false if a signal cut it short. */
static bool
file_end(const char *path, int more, enum tool_status *status)
{
	bool whole = more != -1 || errno != EINTR;

	if (more == -1)
		warn_errno(tool_file(path));
	if (more != 1)
		*status = tool_worse(*status, more == -1 ? TOOL_TROUBLE : TOOL_NO);
	return whole;
}

/*
 * Add all files.  Those that cannot be read are named and the others are added all the same.
 * Returns false if a signal cut it short, so that there is nothing to report.
 */
static bool
files_add(struct aggregate *a, char **paths, bool progress, enum tool_status *status)
{
	char dash[] = "-", *standard[] = { dash, NULL };
	bool whole = true;
	int more = 1;

	if (*paths == NULL)
		paths = standard;
	progress_start(total_size(paths), progress);
	for (; *paths != NULL && more != 0 && whole; paths++) {
		more = aggregate_file(a, *paths);
		whole = file_end(*paths, more, status);
	}
	progress_end();
	return whole;
}

static void
logs_end(struct source *s)
{
	s->state = aggregate_result(s->logs);
	s->lines = aggregate_records(s->logs);
	s->refused = aggregate_refused(s->logs);
}

bool
source_logs(struct source *s, const struct aggregate_options *o, char **paths, bool progress,
    enum tool_status *status)
{
	bool whole;

	*s = (struct source){ .by = o->plan.by, .logs = aggregate_new(o) };
	whole = files_add(s->logs, paths, progress, status);
	logs_end(s);
	return whole;
}

void
source_follow(struct source *s, const struct aggregate_options *o, const char *path,
    void (*tick)(void *arg, struct state *state), void *arg, enum tool_status *status)
{
	int more;

	*s = (struct source){ .by = o->plan.by, .logs = aggregate_new(o) };
	more = aggregate_follow(s->logs, path, tick, arg);
	if (more == -1 && errno == 0)
		warn("%s: not a regular file", path);
	else if (more == -1)
		warn_errno(path);
	if (more != 1)
		*status = more == -1 ? TOOL_TROUBLE : tool_worse(*status, TOOL_NO);
	logs_end(s);
}

static bool
utf8_valid(struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;
	unsigned n = 1;

	for (; p < end && n > 0; p += n)
		n = utf8_get(p, end, NULL);
	return n > 0;
}

/* Is key one that records could have, by these fields? */
static bool
key_fits(struct slice key, const struct by *by)
{
	for (unsigned i = 0; i < by->count; i++) {
		struct slice text, rest = key;
		int kind = 0;

		if (rest.len > 0 && rest.p[0] == KEY_STRING &&
		    memchr(rest.p, '\0', rest.len) == NULL)
			return false;
		if (!key_next(&rest, &kind, &text))
			return false;
		if (kind != KEY_NULL &&
		    (kind == KEY_STRING) == (field_table[by->field[i]].kind == KIND_BOOL))
			return false;
		if (kind < KEY_NULL || kind > KEY_STRING ||
		    (kind == KEY_STRING && !utf8_valid(text)))
			return false;
		key = rest;
	}
	return key.len == 0;
}

static const char *
keys_check(const struct state *s, const struct by *by)
{
	for (size_t i = 0; i < s->count; i++)
		if (!key_fits(s->cells[i]->key, by))
			return "ends a state with a group that cannot be";
	return NULL;
}

static const char *
by_read(struct slice text, struct by *by)
{
	*by = (struct by){ .count = 0 };
	if (slice_is(text, "-") || by_get(text, by) == NULL)
		return NULL;
	return "ends a state by fields that there are not";
}

/* Add a state that was read.  Returns NULL, or why it cannot be. */
static const char *
state_take(
    struct source *s, struct state *one, const struct state_head *head, const uint64_t *exact)
{
	const struct state_shape *a = &s->merged.shape, *b = &one->shape;
	struct by by;
	const char *wrong = by_read(buf_view(&head->by), &by);

	if (wrong != NULL || (wrong = keys_check(one, &by)) != NULL)
		return wrong;
	if (exact != NULL && b->exact != *exact)
		return "ends a state with another --exact";
	if (s->state == NULL) {
		s->by = by;
		state_init(&s->merged, b);
		s->state = &s->merged;
	}
	if (by.count != s->by.count || memcmp(by.field, s->by.field, sizeof by.field) != 0)
		return "ends a state with another --by";
	if (a->every != b->every)
		return "ends a state with another --every";
	if (a->exact != b->exact)
		return "ends a state with another --exact";
	state_merge(&s->merged, one);
	s->lines += head->accepted + head->refused;
	s->refused += head->refused;
	return s->merged.too_many ? "ends a state with more groups than can be kept" : NULL;
}

/* The states in fd (-1 with errno: it could not be opened), which path names, one behind the other. */
static bool
states_add(struct source *s, const uint64_t *exact, const char *path, int fd)
{
	struct plan plan = { .want = WANT_STATE };
	struct state_reader r = { .names = &names };
	struct state_head head = { .accepted = 0 };
	int rc = -1;

	plan_shape(&plan, &r.shape);
	if (fd != -1) {
		r.in = lines_open(fd, STATE_LINE, strcmp(path, "-") == 0);
		do {
			struct state one;

			rc = state_get(&r, &one, &head);
			if (rc == 1 && (r.wrong = state_take(s, &one, &head, exact)) != NULL)
				rc = -1;
			state_free(&one);
		} while (rc == 1);
	}
	if (rc == -1 && r.wrong != NULL)
		warn_at(tool_file(path), r.line, "%s [state]", r.wrong);
	else if (rc == -1)
		warn_errno(tool_file(path));
	lines_free(r.in);
	buf_free(&head.by);
	return rc == 0;
}

/* Open path and add its states. */
static bool
states_file(struct source *s, const uint64_t *exact, const char *path)
{
	int fd = file_open(path);
	bool good = states_add(s, exact, path, fd);

	if (fd != -1)
		close(fd);
	return good;
}

/* Without any state, that of no line. */
static void
states_end(struct source *s)
{
	struct plan plan = { .want = WANT_STATE };
	struct state_shape shape;

	if (s->state != NULL)
		return;
	plan_shape(&plan, &shape);
	state_init(&s->merged, &shape);
	s->state = &s->merged;
}

bool
source_states(struct source *s, const uint64_t *exact, char **paths)
{
	char dash[] = "-", *standard[] = { dash, NULL };
	bool good = true;

	*s = (struct source){ .lines = 0 };
	if (*paths == NULL)
		paths = standard;
	for (; *paths != NULL; paths++)
		good &= states_file(s, exact, *paths);
	states_end(s);
	return good;
}

/* Copy what a pipe holds, n bytes at most, and leave it there.  Returns how many; -1 if fd is no pipe. */
static ssize_t
pipe_peek(int fd, bool stream, char *text, size_t n)
{
	ssize_t got = -1;
	int ends[2];

	if (lines_wait(fd, stream, NULL, NULL) != 1 || pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	if (tee(fd, ends[1], n, 0) > 0)
		got = read(ends[0], text, n);
	close(ends[0]);
	close(ends[1]);
	return got;
}

/* Does fd hold states?  A pipe need not hold all of a line yet, but no log begins as a state does. */
static bool
is_state(int fd, bool stream)
{
	static const char first[] = "quality-agg state";
	char text[sizeof first - 1];
	ssize_t n;

	n = pread(fd, text, sizeof text, lseek(fd, 0, SEEK_CUR));
	if (n == -1)
		n = pipe_peek(fd, stream, text, sizeof text);
	return n > 0 && memcmp(text, first, (size_t)n) == 0;
}

bool
source_either(struct source *s, const struct aggregate_options *o, const char *path,
    enum tool_status *status)
{
	int fd = file_open(path);
	bool whole;

	*s = (struct source){ .by = o->plan.by };
	if (fd != -1 && is_state(fd, strcmp(path, "-") == 0)) {
		whole = states_add(s, NULL, path, fd);
		states_end(s);
	} else {
		s->logs = aggregate_new(o);
		whole = file_end(
		    path, fd == -1 ? -1 : aggregate_open_file(s->logs, path, fd), status);
		logs_end(s);
	}
	if (fd != -1)
		close(fd);
	return whole;
}

void
source_put(struct out *out, const struct source *s)
{
	struct state_head head = { .accepted = s->lines - s->refused, .refused = s->refused };

	for (unsigned i = 0; i < s->by.count; i++)
		buf_printf(
		    &head.by, "%s%s", i > 0 ? "," : "", field_table[s->by.field[i]].name);
	if (s->by.count == 0)
		buf_str(&head.by, "-");
	state_put(out, s->state, &names, &head);
	buf_free(&head.by);
}

void
source_free(struct source *s)
{
	if (s->logs != NULL)
		aggregate_free(s->logs);
	else
		state_free(&s->merged);
	*s = (struct source){ .state = NULL };
}
