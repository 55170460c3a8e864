/* What "tail -F" would see of a file that grows, goes and comes back. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/follow.h"
#include "base/lines.h"
#include "check.h"

static char dir[] = "/tmp/follow.XXXXXX";
static char path[64], old[64];
static struct buf seen;
static struct follow *f;
static int idle_count;

static void
spill(const char *name, const char *text, int flags)
{
	int fd = open(name, O_WRONLY | O_CREAT | flags, 0600);

	CHECK(fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
idle(void *arg)
{
	(void)arg;
	idle_count++;
}

/* The next chunk as "LINE:text" with '!' for torn and '#LENGTH' for too long, appended to seen. */
static void
take(void)
{
	struct chunk c;
	uint64_t line;

	if (follow_next(f, &c, &line) != 1) {
		buf_str(&seen, "END;");
		return;
	}
	buf_printf(&seen, "%d:", (int)line);
	if (c.too_long)
		buf_printf(&seen, "#%d", (int)c.length);
	buf_slice(&seen, c.text);
	buf_str(&seen, c.torn ? "!;" : ";");
}

static bool
saw(const char *want)
{
	bool same = slice_is(buf_view(&seen), want);

	if (!same)
		printf("# got <%s>\n", buf_cstr(&seen));
	buf_reset(&seen);
	return same;
}

/* Do something while follow_next waits. */
static void *
later(void *arg)
{
	usleep(50000);
	((void (*)(void))arg)();
	return NULL;
}

static void
meanwhile(void (*what)(void))
{
	pthread_t t;

	pthread_create(&t, NULL, later, (void *)what);
	take();
	pthread_join(t, NULL);
}

static void
grow(void)
{
	spill(path, "b\nc", O_APPEND);
}

static void
finish_line(void)
{
	spill(path, "c\n", O_APPEND);
}

static void
rotate(void)
{
	rename(path, old);
	spill(path, "new\n", O_EXCL);
}

static void
write_old(void)
{
	spill(old, "late\nrest", O_APPEND);
}

static void
cut(void)
{
	spill(path, "x\n", O_TRUNC);
}

static void
appear(void)
{
	spill(path, "first\n", 0);
}

int
main(void)
{
	struct follow_options o = { .path = path, .max = 16, .idle = idle };
	char *slash;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/log", dir);
	snprintf(old, sizeof old, "%s/log.1", dir);

	spill(path, "a\n", 0);
	f = follow_open(&o);
	CHECK(f != NULL);
	take();
	CHECK(saw("1:a\n;"));
	meanwhile(grow);
	CHECK(saw("2:b\n;"));
	meanwhile(finish_line);
	CHECK(saw("3:cc\n;"));
	CHECK(idle_count >= 2);

	/* another file of that name, and the old one beside it */
	meanwhile(rotate);
	CHECK(saw("1:new\n;"));
	meanwhile(write_old);
	CHECK(saw("4:late\n;"));
	take(); /* five seconds later */
	CHECK(saw("5:rest!;"));

	/* lines that are too long, whole and in pieces */
	spill(path, "0123456789abcdefg\nok\n0123456789abcdefghij", O_APPEND);
	take();
	take();
	CHECK(saw("2:#17;3:ok\n;"));
	spill(path, "klm\nend", O_APPEND);
	take();
	CHECK(saw("4:#23;"));

	/* cut short: what was unfinished is given, then the file from its start */
	meanwhile(cut);
	take();
	CHECK(saw("5:end!;1:x\n;"));
	follow_free(f);

	/* from the end; not there yet; no regular file */
	o.from_end = true;
	f = follow_open(&o);
	meanwhile(grow);
	CHECK(saw("1:b\n;"));
	follow_free(f);
	unlink(path);
	f = follow_open(&o);
	CHECK(f != NULL);
	meanwhile(appear);
	CHECK(saw("1:first\n;"));
	follow_free(f);
	unlink(path);
	unlink(old);
	slash = path + strlen(dir);
	*slash = '\0';
	CHECK(follow_open(&o) == NULL && errno == 0);
	rmdir(dir);
	buf_free(&seen);
	return check_done();
}
