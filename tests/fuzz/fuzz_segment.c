/*
 * What audit-verify reads besides lines and tiles: compressed segments, hints, the state of an
 * incremental run, time stamps.
 *
 * The first byte says what the rest is.  Properties: a segment read in small pieces is the same
 * bytes and ends the same way as in one piece, read twice it is the same, and what follows a failed
 * read is an error and not an end; a state that is read is written the same; starts rise from 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "log/memo.h"
#include "log/source.h"
#include "log/starts.h"
#include "log/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(cond)                                                                             \
	do                                                                                     \
		if (!(cond))                                                                   \
			abort();                                                               \
	while (0)

enum { OUT_MAX = 1 << 20 };

static int
file_of(struct slice s)
{
	int fd = memfd_create("segment", MFD_CLOEXEC);

	MUST(fd != -1 && file_write(fd, s) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* All that comes out, up to OUT_MAX, in pieces of at most step bytes. */
static enum source_end
read_all(struct source *s, size_t step, struct buf *out)
{
	ssize_t n = 1;

	buf_reset(out);
	while (n > 0 && out->len < OUT_MAX) {
		n = source_read(s, buf_reserve(out, step), step);
		MUST(n >= 0 && (size_t)n <= step);
		out->len += (size_t)n;
	}
	MUST((source_end(s) == SOURCE_MORE) == (n > 0) || out->len >= OUT_MAX);
	return source_end(s);
}

static void
try_segment(struct slice text, enum source_form form)
{
	int fd = file_of(text), dir;
	struct source *s = source_open(fd, form);
	struct buf big = { 0 }, small = { 0 };
	enum source_end end = read_all(s, 65536, &big);
	char byte;

	MUST(source_can_rewind(s) && source_rewind(s) == 0);
	if (big.len < OUT_MAX) {
		MUST(read_all(s, 1 + text.len % 7, &small) == end);
		MUST(slice_eq(buf_view(&big), buf_view(&small)));
		MUST(end == SOURCE_TRAILING || source_extra(s) == 0);
	}
	if (form == SOURCE_PLAIN)
		MUST(big.len >= OUT_MAX ||
		    (end == SOURCE_WHOLE && slice_eq(buf_view(&big), text)));
	MUST(source_rewind(s) == 0);
	dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(dir != -1 && dup2(dir, fd) == fd); /* from now on reading fails */
	MUST(source_read(s, &byte, 1) == -1 && source_end(s) == SOURCE_MORE);
	close(dir);
	source_free(s);
	close(fd);
	buf_free(&big);
	buf_free(&small);
}

static void
try_memo(struct slice text)
{
	struct memo m = { 0 };
	struct buf b = { 0 };
	struct diag d = { NULL, 0 };

	if (memo_get(text, &m, &d) == 0) {
		memo_put(&b, &m);
		MUST(slice_eq(buf_view(&b), text));
	} else {
		MUST(d.rule != NULL);
	}
	memo_free(&m);
	buf_free(&b);
}

static int tree = -1;
static char tree_path[] = "/tmp/fuzz_segment.XXXXXX";

static void
remove_tree(void)
{
	unlinkat(tree, "hints", 0);
	rmdir(tree_path);
}

static void
try_hints(struct slice text)
{
	uint64_t *starts, size = 1 + text.len % 3000;
	size_t n;
	int fd;

	if (tree == -1) {
		MUST(mkdtemp(tree_path) != NULL);
		tree = open(tree_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		atexit(remove_tree);
	}
	fd = openat(tree, "hints", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	MUST(fd != -1 && file_write(fd, text) == 0);
	close(fd);
	if (!starts_get(tree, size, &starts, &n))
		return;
	MUST(n > 0 && n <= STARTS_MAX && starts[0] == 0);
	for (size_t i = 1; i < n; i++)
		MUST(starts[i] > starts[i - 1] && starts[i] < size);
	free(starts);
}

static void
try_token(struct slice der)
{
	struct token *t = token_get(der);

	if (t != NULL)
		(void)token_stamps(t, SLICE("anything"));
	token_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice rest = { (const char *)data + 1, len - 1 };

	if (len < 2)
		return 0;
	switch (data[0]) {
	case 'a': try_segment(rest, SOURCE_ANY); break;
	case 'c': try_segment(rest, SOURCE_PACKED); break;
	case 'p': try_segment(rest, SOURCE_PLAIN); break;
	case 's': try_memo(rest); break;
	case 'h': try_hints(rest); break;
	case 't': try_token(rest); break;
	default: break;
	}
	return 0;
}
