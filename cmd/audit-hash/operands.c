#include "operands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tool.h"

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

int
operands_open(struct operands *o, char **name, int n)
{
	int status = 0;

	o->name = name;
	o->fd = xmalloc((size_t)n * sizeof *o->fd);
	o->records = (struct records){ .fd = o->fd };
	for (int i = 0; i < n && status == 0; i++) {
		o->fd[i] = open_one(name[i]);
		if (o->fd[i] == -1)
			status = -1;
		else
			o->records.n++;
	}
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
