#include "base/follow.h"

#include "base/lines.h"
#include "emit.h"

#include <errno.h>

struct follower {
	struct follow_options options;
	void (*idle)(void *arg);
	void *arg;
	bool lost; /* a file could not be read */
};

static void
trouble(void *arg, int error)
{
	const struct follower *r = arg;

	if (error == 0)
		warn("%s: no regular file now; awaited", r->options.path);
	else
		warn("%s: %s; awaited", r->options.path, strerror(error));
}

static void
lost(void *arg, uint64_t files)
{
	struct follower *r = arg;

	r->lost = true;
	warn("%s: %llu of that name gone before being read", r->options.path,
	    (unsigned long long)files);
}

static void
idle(void *arg)
{
	const struct follower *r = arg;

	r->idle(r->arg);
}

static int
failed(const char *path)
{
	if (errno == 0)
		warn("%s: not a regular file", path);
	else
		warn_errno(path);
	return -1;
}

int
follow_lines(const struct config *c, void (*on_idle)(void *arg),
    bool (*each)(void *arg, struct chunk *chunk, uint64_t line), void *arg)
{
	struct follower r = { .idle = on_idle, .arg = arg };
	struct follow *f;
	struct chunk chunk;
	uint64_t line;
	int got;

	r.options = (struct follow_options){
		.path = c->follow,
		.from_end = c->follow_end,
		.max = c->max_line != 0 ? c->max_line : LINES_MAX,
		.arg = &r,
		.idle = idle,
		.trouble = trouble,
		.lost = lost,
	};
	f = follow_open(&r.options);
	if (f == NULL)
		return failed(c->follow);
	do
		got = follow_next(f, &chunk, &line);
	while (got == 1 && each(arg, &chunk, line));
	if (got == -1)
		failed(c->follow);
	follow_free(f);
	return got == -1 || r.lost ? -1 : 0;
}
