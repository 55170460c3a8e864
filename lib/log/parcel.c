#include "log/parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/tool.h"
#include "log/tree.h"

enum { RUN = 128 * 1024 };

struct parcel *
parcel_open(const char *path)
{
	struct parcel *s = xzalloc(1, sizeof *s);
	struct buf text = { 0 }, line = { 0 };
	struct hash sum;

	buf_str(&s->path, path);
	buf_cstr(&s->path);
	if (file_load(path, MANIFEST_MAX, &text) == -1 && errno != EFBIG) {
		int error = errno;

		parcel_free(s);
		buf_free(&text);
		errno = error;
		return NULL;
	}
	s->good = manifest_get(buf_view(&text), &s->manifest, NULL) == 0;
	if (s->good) {
		sha256(buf_view(&text), &sum);
		manifest_line_put(&line, &s->manifest, &sum);
		tree_leaf((struct slice){ line.p, line.len - 1 }, &s->leaf);
	}
	buf_free(&line);
	buf_free(&text);
	return s;
}

void
parcel_free(struct parcel *s)
{
	if (s == NULL)
		return;
	buf_free(&s->path);
	manifest_free(&s->manifest);
	free(s);
}

void
parcel_part_put(struct buf *b, const struct parcel *s, size_t i)
{
	const char *slash = memrchr(s->path.p, '/', s->path.len);

	if (slash != NULL)
		buf_add(b, s->path.p, (size_t)(slash - s->path.p) + 1);
	manifest_part_put(b, &s->manifest, i);
	buf_cstr(b);
}

/* Hash all of fd.  Returns 0, or -1 with errno. */
static int
hash_file(int fd, struct hash *sum)
{
	char *run = xmalloc(RUN);
	struct sha256 *sha = sha256_new();
	ssize_t n;

	while ((n = read(fd, run, RUN)) != 0) {
		if (tool_signal() != 0) {
			tool_cut_short();
			errno = EINTR;
			n = -1;
			break;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		progress_add((uint64_t)n);
		sha256_add(sha, run, (size_t)n);
	}
	sha256_end(sha, sum);
	sha256_free(sha);
	free(run);
	return n == -1 ? -1 : 0;
}

static enum part_state
check(int fd, const struct manifest_part *part)
{
	struct hash sum;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return PART_ERROR;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return PART_ERROR;
	}
	if ((uint64_t)st.st_size != part->bytes)
		return PART_OTHER;
	if (hash_file(fd, &sum) == -1)
		return PART_ERROR;
	return hash_eq(&sum, &part->sha256) ? PART_GOOD : PART_OTHER;
}

enum part_state
parcel_part_check(const struct parcel *s, size_t i, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;
	enum part_state state;

	if (fd == -1)
		return PART_ERROR;
	state = check(fd, &s->manifest.part[i]);
	error = errno;
	close(fd);
	errno = error;
	return state;
}
