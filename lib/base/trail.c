#include "base/trail.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/mem.h"

static void
forget(struct trail *t, size_t i)
{
	free(t->file[i].name);
	t->count--;
	memmove(&t->file[i], &t->file[i + 1], (t->count - i) * sizeof t->file[0]);
}

static void
lose(struct trail *t, size_t i)
{
	t->lost++;
	forget(t, i);
}

/* The one of that name; count if there is none. */
static size_t
find(const struct trail *t, const char *name)
{
	size_t i = 0;

	while (i < t->count && (t->file[i].name == NULL || strcmp(t->file[i].name, name) != 0))
		i++;
	return i;
}

static size_t
find_moving(const struct trail *t, uint32_t cookie)
{
	size_t i = 0;

	while (i < t->count && (t->file[i].name != NULL || t->file[i].cookie != cookie))
		i++;
	return i;
}

static size_t
find_nameless(const struct trail *t)
{
	size_t i = 0;

	while (i < t->count && t->file[i].name != NULL)
		i++;
	return i;
}

static void
add(struct trail *t, bool guessed)
{
	if (t->count == TRAIL_FILES)
		lose(t, 0);
	t->file[t->count++] = (struct trail_file){
		.name = xstrdup(t->name),
		.stamp = ++t->stamp,
		.guessed = guessed,
	};
}

static void
created(struct trail *t, const char *name)
{
	size_t i = find(t, name);

	if (i < t->count && t->file[i].guessed) {
		t->file[i].guessed = false; /* it was this one */
		return;
	}
	if (i < t->count) /* nothing can be created in its place */
		lose(t, i);
	if (strcmp(name, t->name) == 0)
		add(t, false);
}

static void
moved_from(struct trail *t, const char *name, uint32_t cookie)
{
	size_t i = find(t, name);

	if (i == t->count)
		return;
	free(t->file[i].name);
	t->file[i].name = NULL;
	t->file[i].cookie = cookie;
	t->file[i].stamp = ++t->stamp;
}

static void
moved_to(struct trail *t, const char *name, uint32_t cookie)
{
	size_t mover, replaced = find(t, name);

	if (find_moving(t, cookie) == t->count) { /* it comes from elsewhere */
		created(t, name);
		return;
	}
	if (replaced < t->count && t->file[replaced].guessed)
		forget(t, replaced); /* it was this one */
	else if (replaced < t->count)
		lose(t, replaced);
	mover = find_moving(t, cookie);
	t->file[mover].name = xstrdup(name);
	t->file[mover].stamp = ++t->stamp;
}

void
trail_event(struct trail *t, uint32_t mask, uint32_t cookie, const char *name)
{
	size_t i;

	if ((mask & IN_CREATE) != 0)
		created(t, name);
	else if ((mask & IN_MOVED_FROM) != 0)
		moved_from(t, name, cookie);
	else if ((mask & IN_MOVED_TO) != 0)
		moved_to(t, name, cookie);
	else if ((mask & IN_DELETE) != 0 && (i = find(t, name)) < t->count)
		lose(t, i);
}

void
trail_guess(struct trail *t)
{
	if (find(t, t->name) == t->count)
		add(t, true);
}

void
trail_settle(struct trail *t)
{
	size_t i;

	while ((i = find_nameless(t)) < t->count)
		lose(t, i);
}

void
trail_drop(struct trail *t)
{
	forget(t, 0);
}

void
trail_clear(struct trail *t)
{
	while (t->count > 0)
		lose(t, 0);
}
