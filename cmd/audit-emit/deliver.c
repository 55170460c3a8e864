#include "base/instant.h"
#include "base/lines.h"
#include "base/mem.h"
#include "emit.h"
#include "event/requests.h"

#include <stdlib.h>

struct delivery {
	struct requests_plan plan;
	struct requests *requests;
	struct rejects *rejects;
	bool failed;
};

/* The present, in ms, on a clock that never goes back. */
static int64_t
tick(void)
{
	return (int64_t)(steady_ns() / 1000000);
}

static void
late(void *arg, const struct log_event *e)
{
	const struct delivery *d = arg;
	struct refusal why = { .rule = "time-window", .field = schema[TIMESTAMP].name };
	struct origin at = { e->file, e->line, e->bytes };

	rejects_put(d->rejects, &why, &at);
}

struct delivery *
delivery_open(const struct config *c, struct out *out, struct rejects *rejects)
{
	struct delivery *d = xzalloc(1, sizeof *d);

	d->plan = (struct requests_plan){
		.group = c->log_group,
		.stream = c->log_stream,
		.wait_ms = c->batch_wait * 1000,
		.late = late,
		.arg = d,
	};
	d->rejects = rejects;
	d->requests = requests_new(&d->plan, out);
	return d;
}

void
delivery_add(struct delivery *d, const char *file, uint64_t line, const struct record *records,
    size_t count, struct slice text)
{
	int64_t now = tick();
	size_t start = 0;

	for (size_t i = 0; i < count && records[i].end <= text.len; i++) {
		const struct record *r = &records[i];
		struct log_event e = { r->ms, line + r->line + 1, r->bytes, file };
		struct slice message = { text.p + start, r->end - start - 1 }; /* no LF */

		start = r->end;
		if (requests_add(d->requests, &e, message, now) == 0)
			continue;
		warn_at(file, e.line, "option --log-stream: no legal name at this time");
		d->failed = true;
	}
	requests_due(d->requests, now);
}

bool
delivery_sleep(struct delivery *d, int fd)
{
	int left = requests_due(d->requests, tick());

	return left >= 0 && fd != -1 && lines_sleep(fd, left) == 0;
}

void
delivery_due(struct delivery *d)
{
	requests_due(d->requests, tick());
}

int
delivery_close(struct delivery *d, uint64_t *written)
{
	int status = d->failed ? -1 : 0;

	requests_end(d->requests);
	*written = requests_written(d->requests);
	requests_free(d->requests);
	free(d);
	return status;
}
