/* out and file: a file is replaced whole or not at all, and an error sticks. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/out.h"
#include "check.h"

static char dir[] = "/tmp/test_out.XXXXXX";

static bool
holds(const char *path, const char *text)
{
	struct buf b = { 0 };
	bool same = file_load(path, 1000000, &b) == 0 && slice_is(buf_view(&b), text);

	buf_free(&b);
	return same;
}

/* How many names are in the directory. */
static int
names(void)
{
	DIR *d = opendir(dir);
	int n = -2;

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
replacing(void)
{
	struct out o;

	umask(027);
	CHECK(out_open(&o, "new") == 0);
	out_str(&o, "one");
	CHECK(out_flush(&o) == 0 && names() == 0);
	CHECK(out_close(&o, true) == 0 && holds("new", "one") && mode_of("new") == 0640);
	CHECK(out_close(&o, true) == 0);
	chmod("new", 0604);
	CHECK(out_open(&o, "new") == 0);
	out_printf(&o, "%s", "two");
	CHECK(holds("new", "one"));
	CHECK(out_close(&o, true) == 0 && holds("new", "two") && mode_of("new") == 0604);
	CHECK(out_open(&o, "new") == 0);
	out_str(&o, "three");
	CHECK(out_close(&o, false) == 0 && holds("new", "two") && names() == 1);
	CHECK(symlink("new", "link") == 0 && out_open(&o, "link") == 0);
	out_str(&o, "four");
	CHECK(out_close(&o, true) == 0 && holds("new", "four") && names() == 2);
	CHECK(out_open(&o, "no/such") == -1 && errno == ENOENT);
	CHECK(out_open(&o, ".") == -1 && errno == EISDIR);
}

static void
sticking(void)
{
	struct out o;

	CHECK(out_open(&o, "/dev/full") == 0);
	out_str(&o, "x");
	CHECK(out_flush(&o) == -1 && errno == ENOSPC);
	out_str(&o, "y");
	CHECK(out_flush(&o) == -1 && errno == ENOSPC);
	CHECK(out_close(&o, true) == -1 && errno == ENOSPC);
}

static void
files(void)
{
	int d = open(".", O_RDONLY | O_DIRECTORY);
	struct buf b = { 0 };

	CHECK(file_replace(d, "f", SLICE("abc"), 0640, true) == 0 && holds("f", "abc"));
	CHECK(mode_of("f") == 0640);
	chmod("f", 0600);
	CHECK(symlink("new", "f.tmp") == 0); /* a killed predecessor's, or a trap */
	CHECK(file_replace(d, "f", SLICE("defg"), 0640, false) == 0 && holds("f", "defg"));
	CHECK(mode_of("f") == 0600 && holds("new", "four"));
	CHECK(mkdir("sub", 0700) == 0 && file_replace(d, "sub", SLICE("x"), 0640, true) == -1);
	CHECK(names() == 4); /* new, link, f, sub: no temporary file */
	CHECK(file_load("f", 3, &b) == -1 && errno == EFBIG);
	buf_reset(&b);
	CHECK(file_load("sub", 10, &b) == -1 && errno == EISDIR);
	CHECK(file_load("none", 10, &b) == -1 && errno == ENOENT);
	buf_free(&b);
	close(d);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 1;
	replacing();
	sticking();
	files();
	(void)!system("rm -rf \"$PWD\"");
	return check_done();
}
