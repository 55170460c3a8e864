#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"
#include "story.h"
#include "term/style.h"

enum { MOST_OFTEN = 1000 }; /* ms between pictures */

struct live {
	struct story *story;
	const struct options *o;
	uint64_t shown; /* records in the present picture */
	int64_t next;   /* ms: when there may be another */
	bool on;        /* is there a terminal? */
};

static int64_t
now_ms(void)
{
	return (int64_t)(steady_ns() / 1000000);
}

/* As many lines of text as the screen holds, in place of what it shows. */
static void
show(struct slice text)
{
	static const char home[] = "\x1b[H", clear[] = "\x1b[K\n", below[] = "\x1b[J";
	unsigned rows = style_height(STDOUT_FILENO);
	struct buf screen = { 0 };
	struct slice line;

	buf_str(&screen, home);
	for (unsigned i = 1; (rows == 0 || i < rows) && text.len > 0; i++) {
		slice_cut(&text, '\n', &line);
		buf_slice(&screen, line);
		buf_str(&screen, clear);
	}
	buf_str(&screen, below);
	file_write(STDOUT_FILENO, buf_view(&screen)); /* the end of it finds what is wrong */
	buf_free(&screen);
}

static void
tick(void *arg, struct state *state)
{
	struct live *l = arg;
	struct out picture = { .fd = -1 };
	uint64_t records = 0;
	int64_t start = now_ms();

	for (size_t i = 0; i < state->count; i++)
		records += state->cells[i]->records;
	if (!l->on || records == l->shown || start < l->next || state->too_many)
		return;
	story_tell(l->story, state, l->o);
	story_put(&picture, l->story, l->o);
	show(buf_view(&picture.buf));
	story_reset(l->story);
	buf_free(&picture.buf);
	l->shown = records;
	/* What takes long is done less often: reading comes first. */
	l->next = now_ms() + MOST_OFTEN + 4 * (now_ms() - start);
}

void
live_follow(struct story *s, const struct options *o, enum tool_status *status)
{
	struct live live = { s, o, .on = o->output == NULL && isatty(STDOUT_FILENO) == 1 };

	source_follow(&s->source, &o->aggregate, o->follow, tick, &live, status);
	if (live.on)
		show((struct slice){ NULL, 0 });
}
