#include "log/latest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Open a file of the tree; nothing that blocks or never ends. */
static int
open_file(int tree, const char *name)
{
	int fd = openat(tree, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st = { 0 };

	if (fd != -1 && (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	return fd;
}

static int
load(int tree, struct buf *note)
{
	int fd = open_file(tree, "checkpoint");
	int status, error;

	if (fd == -1)
		return -1;
	buf_reset(note);
	status = file_read(fd, NOTE_MAX, note);
	error = errno;
	close(fd);
	errno = error;
	return status;
}

static int
read_head(int tree, const struct vkey *keys, size_t n, struct latest *l)
{
	head_free(&l->head);
	l->head = (struct head){ 0 };
	if (load(tree, &l->message) == -1) {
		if (errno == EFBIG)
			return diag_set(&l->diag, "note-size", 0);
		l->file = "checkpoint";
		return -1;
	}
	if (head_get(buf_view(&l->message), &l->head, &l->diag) == -1)
		return -1;
	head_check(&l->head, keys, n);
	return 0;
}

/* What a note says its size is, without reading more of it. */
static bool
peek_size(struct slice note, uint64_t *size)
{
	struct slice line;
	unsigned long long n;

	if (!slice_cut(&note, '\n', &line) || !slice_cut(&note, '\n', &line) ||
	    slice_u64(line, INT64_MAX, &n) == -1)
		return false;
	*size = n;
	return true;
}

static void
judge(struct latest *l, struct slice message, const struct vkey *keys, size_t n)
{
	const struct checkpoint *ours = &l->head.cp;
	struct head h;

	if (head_get(message, &h, NULL) == 0 && slice_eq(h.cp.origin, ours->origin)) {
		enum head_state state = head_check(&h, keys, n);

		if (state == HEAD_BAD)
			l->damaged = true;
		if (state == HEAD_GOOD && h.cp.size == ours->size && !l->fork &&
		    !hash_eq(&h.cp.root, &ours->root)) {
			l->fork = true;
			buf_slice(&l->fork_note, message);
		}
		if (state == HEAD_GOOD && h.cp.size > ours->size && h.cp.size >= l->longer) {
			l->longer = h.cp.size;
			l->timed = h.timed;
			l->time = h.time;
		}
	}
	head_free(&h);
}

/*
 * Only what is as long as our head and not the same is verified: the list of an old log is long, and
 * that of a quiet one has the same head many times, each with a time of its own.
 */
static int
read_list(struct latest *l, int fd, const struct vkey *keys, size_t n)
{
	struct heads *in;
	struct slice message;
	uint64_t size;
	int status;

	l->longer = 0;
	l->fork = l->damaged = false;
	buf_reset(&l->fork_note);
	if (lseek(fd, 0, SEEK_SET) == -1)
		return -1;
	in = heads_open(fd);
	while ((status = heads_next(in, &message)) == 1)
		if (peek_size(message, &size) && size >= l->head.cp.size &&
		    !slice_starts(message, l->head.note.text))
			judge(l, message, keys, n);
	heads_free(in);
	return status;
}

/* As long as appends come in between, the head that is read after the list has grown. */
static int
compare(int tree, int list, const struct vkey *keys, size_t n, size_t old, struct latest *l)
{
	uint64_t before;

	do {
		before = l->head.cp.size;
		if (read_list(l, list, keys, n + old) == -1) {
			l->file = "checkpoints";
			return -1;
		}
		if (l->longer == 0)
			return 0;
		if (read_head(tree, keys, n, l) == -1)
			return -1;
	} while (l->head.state == HEAD_GOOD && l->head.cp.size > before);
	return 0;
}

int
latest_read(int tree, const struct vkey *keys, size_t n, size_t old, struct latest *l)
{
	int list, status, error;

	memset(l, 0, sizeof *l);
	list = open_file(tree, "checkpoints");
	if (list == -1 && errno != ENOENT) {
		l->file = "checkpoints";
		return -1;
	}
	status = read_head(tree, keys, n, l);
	if (status == 0 && l->head.state == HEAD_GOOD && list != -1)
		status = compare(tree, list, keys, n, old, l);
	error = errno;
	if (list != -1)
		close(list);
	errno = error;
	return status;
}

void
latest_free(struct latest *l)
{
	head_free(&l->head);
	buf_free(&l->message);
	buf_free(&l->fork_note);
}

bool
latest_still(int tree, const struct latest *l)
{
	struct buf now = { 0 };
	bool same = load(tree, &now) == 0 && slice_eq(buf_view(&now), buf_view(&l->message));

	buf_free(&now);
	return same;
}
