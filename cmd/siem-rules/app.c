/* A Splunk app: a folder that is made beside its place and then takes its name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "saved.h"

static const char *const folders[] = { "default", "metadata" };
static const char *const files[] = { "default/app.conf", "default/savedsearches.conf",
	"metadata/default.meta" };

enum { FOLDERS = 2, FILES = 3 };

/* Letters, digits, '_' and '-', a letter first: what Splunk takes for an app's id. */
static bool
is_app_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_' || c == '-')))
			return false;
	}
	return s.len > 0 && s.len <= 100;
}

static void
put_app_conf(struct buf *b, struct slice name)
{
	buf_str(b,
	    "[install]\nis_configured = 0\nstate = enabled\n\n"
	    "[ui]\nis_visible = 0\nlabel = Sigma rules\n\n"
	    "[launcher]\nauthor = siem-rules\n"
	    "description = Scheduled searches made of Sigma rules by siem-rules\n"
	    "version = " VERSION "\n\n[package]\nid = ");
	buf_slice(b, name);
	buf_str(b, "\ncheck_for_updates = 0\n\n[id]\nname = ");
	buf_slice(b, name);
	buf_str(b, "\nversion = " VERSION "\n");
}

static int
write_file(int dir, const char *name, struct slice data)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	int result;

	if (fd == -1)
		return -1;
	result = file_write(fd, data) == 0 && fchmod(fd, 0644) == 0 && fsync(fd) == 0 ? 0 : -1;
	return close(fd) == 0 ? result : -1;
}

static int
fill(int dir, struct slice name, struct slice stanzas)
{
	struct buf app = { 0 };
	const struct slice meta =
	    SLICE("[]\naccess = read : [ * ], write : [ admin, sc_admin ]\nexport = system\n");
	int result = fchmod(dir, 0755);

	put_app_conf(&app, name);
	for (size_t i = 0; i < FOLDERS && result == 0; i++)
		if (mkdirat(dir, folders[i], 0755) == -1 ||
		    fchmodat(dir, folders[i], 0755, 0) == -1)
			result = -1;
	if (result == 0 &&
	    (write_file(dir, files[0], buf_view(&app)) == -1 ||
		write_file(dir, files[1], stanzas) == -1 ||
		write_file(dir, files[2], meta) == -1))
		result = -1;
	buf_free(&app);
	return result == 0 ? fsync(dir) : -1;
}

/* Take away what fill has made. */
static void
sweep(int dir, const char *path)
{
	int error = errno;

	for (size_t i = 0; dir != -1 && i < FILES; i++)
		unlinkat(dir, files[i], 0);
	for (size_t i = 0; dir != -1 && i < FOLDERS; i++)
		unlinkat(dir, folders[i], AT_REMOVEDIR);
	rmdir(path);
	errno = error;
}

int
saved_app(const char *path, struct slice stanzas)
{
	size_t n = strlen(path);
	struct buf b = { 0 };
	struct slice name;
	char *temp, *last;
	int dir, result;

	while (n > 1 && path[n - 1] == '/')
		n--;
	buf_add(&b, path, n);
	last = strrchr(buf_cstr(&b), '/');
	name = slice_of(last != NULL ? last + 1 : buf_cstr(&b));
	if (!is_app_name(name)) {
		buf_free(&b);
		errno = EINVAL;
		return -1;
	}
	temp = xmalloc(n + sizeof ".XXXXXX");
	memcpy(temp, b.p, n);
	memcpy(temp + n, ".XXXXXX", sizeof ".XXXXXX");
	if (mkdtemp(temp) == NULL) {
		free(temp);
		buf_free(&b);
		return -1;
	}
	dir = open(temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	result = dir != -1 ? fill(dir, name, stanzas) : -1;
	if (result == 0)
		result = renameat2(AT_FDCWD, temp, AT_FDCWD, buf_cstr(&b), RENAME_NOREPLACE);
	if (result == -1)
		sweep(dir, temp);
	if (dir != -1)
		close(dir);
	free(temp);
	buf_free(&b);
	return result;
}
