/* Opening what is to be verified, and verifying it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/progress.h"
#include "settings.h"

enum { KEYS_MAX = 1 << 20 }; /* bytes of a key file */

int
settings_cannot(struct settings *s, const char *file, const char *why)
{
	buf_printf(&s->reason, "%s: %s", file, why);
	s->report.reason = buf_cstr(&s->reason);
	return -1;
}

static const char *
key_trouble(const char *rule)
{
	if (strcmp(rule, "key-id") == 0)
		return "the id of a key is not that of its bytes";
	if (strcmp(rule, "key-alg") == 0)
		return "a key of an unknown kind";
	if (strcmp(rule, "key-none") == 0)
		return "no key in it";
	return "not a list of public keys";
}

static int
load_keys(struct settings *s, const char *path)
{
	struct buf text = { 0 };
	struct vkey *more;
	struct diag d = { 0 };
	size_t n;
	int status = 0;

	if (file_load(path, KEYS_MAX, &text) == -1) {
		status = settings_cannot(s, path, strerror(errno));
	} else if (vkeys_get(buf_view(&text), &more, &n, &d) == -1) {
		status = settings_cannot(s, path, key_trouble(d.rule));
	} else {
		s->keys = xrealloc(s->keys, s->all + n, sizeof *s->keys);
		memcpy(s->keys + s->all, more, n * sizeof *more);
		s->all += n;
		free(more);
	}
	buf_free(&text);
	return status;
}

int
settings_keys(struct settings *s)
{
	for (size_t i = 0; i < s->pubkeys; i++)
		if (load_keys(s, s->pubkey[i]) == -1)
			return -1;
	s->n = s->all;
	for (size_t i = 0; i < s->old_pubkeys; i++)
		if (load_keys(s, s->old_pubkey[i]) == -1)
			return -1;
	return 0;
}

/* Open the log: a regular file, and nothing that blocks or never ends. */
static int
open_log(struct settings *s, uint64_t *size)
{
	const char *path = s->report.log;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 || fstat(fd, &st) == -1)
		settings_cannot(s, path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		settings_cannot(s, path, strerror(EISDIR));
	else if (!S_ISREG(st.st_mode))
		settings_cannot(s, path, "not a regular file");
	else
		*size = (uint64_t)st.st_size;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return fd;
}

/* Keys, tree and log.  Returns 0, or -1 with s->report.reason. */
static int
open_all(struct settings *s, uint64_t *size)
{
	if (settings_keys(s) == -1)
		return -1;
	s->verify.log = open_log(s, size);
	if (s->report.reason != NULL)
		return -1;
	s->verify.tree = open(s->report.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->verify.tree == -1)
		return settings_cannot(s, s->report.tree, strerror(errno));
	return 0;
}

void
run_verify(struct settings *s)
{
	uint64_t size = 0;

	s->verify.log = s->verify.tree = -1;
	if (open_all(s, &size) == 0) {
		s->verify.keys = s->keys;
		s->verify.n = s->n;
		s->verify.old = s->all - s->n;
		s->verify.found = report_found;
		s->verify.arg = &s->report;
		progress_start(size, s->progress);
		verify_run(&s->verify, &s->report.result);
		progress_end();
	}
	if (s->verify.log != -1)
		close(s->verify.log);
	if (s->verify.tree != -1)
		close(s->verify.tree);
}
