#include "operands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tool.h"
#include "log/manifest.h"
#include "log/unfinished.h"

/* A regular file, opened so that nothing blocks.  Returns -1 with a message for anything else. */
static int
open_one(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		warn_errno(name);
	else if (S_ISREG(st.st_mode))
		return fd;
	else
		warn("%s: not a regular file", name);
	if (fd != -1)
		close(fd);
	return -1;
}

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Parts of what the live log itself still holds are passed over: its sealing was cut short. */
static void
pass_over_unfinished(struct operands *o)
{
	size_t live = o->records.n - 1, i = live;
	struct slice log = slice_of(base_of(o->name[live]));

	while (i-- > 0 &&
	    unfinished_part(o->fd[i], o->fd[live], log, slice_of(base_of(o->name[i])))) {
		note("%s: its sealing is not finished, the log still holds its lines: not read",
		    o->name[i]);
		close(o->fd[i]);
		memmove(&o->fd[i], &o->fd[i + 1], (o->records.n - i - 1) * sizeof *o->fd);
		memmove(&o->name[i], &o->name[i + 1], (o->records.n - i - 1) * sizeof *o->name);
		o->records.n--;
		live--;
	}
}

/* A manifest is no segment, whatever audit-verify takes it for. */
static bool
is_manifest(const char *path)
{
	struct slice log;
	uint64_t first, last;

	if (manifest_name_get(slice_of(base_of(path)), &log, &first, &last) == -1)
		return false;
	warn("%s: a manifest holds no lines: give the parts that it names", path);
	return true;
}

int
operands_open(struct operands *o, char **name, int n)
{
	int status = 0;

	o->name = name;
	o->fd = xmalloc((size_t)n * sizeof *o->fd);
	o->records = (struct records){ .fd = o->fd };
	for (int i = 0; i < n && status == 0; i++) {
		o->fd[i] = is_manifest(name[i]) ? -1 : open_one(name[i]);
		if (o->fd[i] == -1)
			status = -1;
		else
			o->records.n++;
	}
	if (status == 0)
		pass_over_unfinished(o);
	return status;
}

void
operands_close(struct operands *o)
{
	for (size_t i = 0; i < o->records.n; i++)
		close(o->fd[i]);
	free(o->fd);
	o->fd = NULL;
	o->records.n = 0;
}

void
operands_say(const struct operands *o)
{
	const char *why = o->records.why, *name = o->name[o->records.at];

	if (why == NULL)
		warn_errno(name);
	else if (strcmp(why, "torn") == 0)
		warn("%s: its last line has no LF, and more follows [torn]", name);
	else if (strcmp(why, "line-length") == 0)
		warn("%s: %s [line-length]", name, diag_text(why));
	else
		warn("%s: its compressed data is damaged [unreadable]", name);
}
