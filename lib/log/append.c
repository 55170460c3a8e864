#include "log/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "log/appender.h"
#include "log/extent.h"
#include "log/place.h"

int
append_fault(struct append *a, const char *rule, const char *file)
{
	a->fault = (struct log_fault){ rule, file, 0 };
	return -1;
}

int
append_fault_system(struct append *a, const char *file)
{
	a->fault = (struct log_fault){ "system", file, errno };
	return -1;
}

/* Nothing is made beside what is no log of ours to begin. */
static int
look_before(struct append *a)
{
	const char *base;
	int dir = place_parent(a->o->log, &base), fd;
	struct stat st;

	if (dir == -1)
		return append_fault_system(a, "");
	fd = place_open(dir, base, O_RDONLY, 0, NULL);
	place_close(dir);
	if (fd == -1 && errno == ENOENT && *base != '\0')
		return 0;
	if (fd == -1)
		return errno == ELOOP || errno == ENXIO ? append_fault(a, "not-regular", "")
							: append_fault_system(a, "");
	if (fstat(fd, &st) == -1)
		append_fault_system(a, "");
	else if (!S_ISREG(st.st_mode))
		append_fault(a, "not-regular", "");
	else if (st.st_size > 0 && !a->o->adopt && access(a->o->tree, F_OK) == -1)
		append_fault(a, "no-head", "");
	place_close(fd);
	return a->fault.rule == NULL ? 0 : -1;
}

static int
open_tree(struct append *a)
{
	bool made;

	if (place_make_dir(AT_FDCWD, a->o->tree, &made) == -1 ||
	    (made && place_sync_parent(a->o->tree) == -1))
		return append_fault_system(a, ".");
	a->tree = open(a->o->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->tree == -1)
		return append_fault_system(a, ".");
	a->lock = place_open(a->tree, "lock", O_RDONLY | O_CREAT, a->o->mode, NULL);
	return a->lock == -1 ? append_fault_system(a, "lock") : 0;
}

struct append *
append_open(const struct append_options *o, struct log_fault *fault)
{
	struct append *a = xzalloc(1, sizeof *a);

	a->o = o;
	a->tree = a->lock = a->log = -1;
	if (look_before(a) == 0 && open_tree(a) == 0)
		return a;
	*fault = a->fault;
	append_free(a);
	return NULL;
}

void
append_free(struct append *a)
{
	if (a == NULL)
		return;
	place_close(a->log);
	place_close(a->lock);
	place_close(a->tree);
	buf_free(&a->head);
	buf_free(&a->hints);
	buf_free(&a->opening);
	buf_free(&a->prefix);
	buf_free(&a->recorded.last);
	free(a);
}

struct append_residue
append_residue(const struct append *a)
{
	return a->residue;
}

/* Is the lock file that we have still the tree's?  A lock on any other excludes no one. */
static bool
lock_is_ours(const struct append *a)
{
	struct stat named, ours;

	return fstatat(a->tree, "lock", &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstat(a->lock, &ours) == 0 && named.st_dev == ours.st_dev &&
	    named.st_ino == ours.st_ino;
}

static int
lock(struct append *a)
{
	for (;;) {
		while (flock(a->lock, LOCK_EX) == -1)
			if (errno != EINTR)
				return append_fault_system(a, "lock");
		if (lock_is_ours(a))
			return 0;
		place_close(a->lock);
		a->lock = place_open(a->tree, "lock", O_RDONLY | O_CREAT, a->o->mode, NULL);
		if (a->lock == -1)
			return append_fault_system(a, "lock");
	}
}

/* Is the head still the one we know? */
static bool
same_head(struct append *a)
{
	struct buf now = { 0 };
	bool same = a->head.len > 0 && append_read_tree(a->tree, "checkpoint", &now) == 0 &&
	    slice_eq(buf_view(&now), buf_view(&a->head));

	buf_free(&now);
	return same;
}

/* Is all as we left it?  Then nothing needs to be read again. */
static bool
as_we_left_it(struct append *a)
{
	struct stat path, open;

	if (a->log == -1 || lstat(a->o->log, &path) == -1 || fstat(a->log, &open) == -1 ||
	    path.st_dev != open.st_dev || path.st_ino != open.st_ino ||
	    (uint64_t)open.st_size != a->end || !same_head(a))
		return false;
	a->start = a->end;
	return true;
}

/* Lines hashed before the lock is taken. */
struct batch {
	struct slice text;
	size_t n, cap;
	struct hash *leaf;
	uint64_t *end; /* behind each line, from the first byte of text */
};

static void
hash_batch(struct batch *b)
{
	struct slice line[EXTENT_RUN], rest = b->text;

	while (rest.len > 0) {
		size_t n = 0;

		if (b->n + EXTENT_RUN > b->cap) {
			b->cap = b->cap * 2 + EXTENT_RUN;
			b->leaf = xrealloc(b->leaf, b->cap, sizeof *b->leaf);
			b->end = xrealloc(b->end, b->cap, sizeof *b->end);
		}
		while (n < EXTENT_RUN && rest.len > 0) {
			slice_cut(&rest, '\n', &line[n]);
			b->end[b->n + n++] = b->text.len - rest.len;
		}
		tree_leaves(line, n, b->leaf + b->n);
		b->n += n;
	}
}

/* One write at the log's end; if it does not fit, none of it stays. */
static int
write_log(struct append *a, struct slice text)
{
	ssize_t n;

	do
		n = write(a->log, text.p, text.len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return append_fault_system(a, "");
	if (lseek(a->log, 0, SEEK_CUR) - n != (off_t)a->start)
		return append_fault(a, "foreign-write", "");
	if ((size_t)n != text.len) {
		errno = ENOSPC;
		append_fault_system(a, "");
		(void)!ftruncate(a->log, (off_t)a->start);
		return -1;
	}
	return 0;
}

/* What recovery has to say goes before the batch, in the same write. */
static int
write_batch(struct append *a, struct slice lines)
{
	struct buf all = { 0 };
	int status = 0;

	if (a->prefix.len == 0) {
		if (lines.len > 0)
			status = write_log(a, lines);
	} else {
		buf_slice(&all, buf_view(&a->prefix));
		buf_slice(&all, lines);
		status = write_log(a, buf_view(&all));
		buf_free(&all);
	}
	a->unsynced = true;
	/* So that they are on their way to the disk while tile and head are made. */
	if (status == 0 && file_start_writeback(a->log, (off_t)a->start) == -1)
		status = append_fault_system(a, "");
	return status;
}

static int
grow(struct append *a, struct batch *b)
{
	for (size_t i = 0; i < a->prefix_lines; i++)
		a->prefix_end[i] += a->start;
	for (size_t i = 0; i < b->n; i++)
		b->end[i] += a->start + a->prefix.len;
	if (append_grow(a, a->prefix_leaf, a->prefix_end, a->prefix_lines) == -1)
		return -1;
	return append_grow(a, b->leaf, b->end, b->n);
}

static int
commit_locked(struct append *a, struct batch *b)
{
	bool known = as_we_left_it(a);

	if (known)
		append_recover_begin(a);
	else if (append_load(a) == -1 || append_recover(a) == -1)
		return -1;
	if (write_batch(a, b->text) == -1)
		return -1;
	/* A full tile is written as it comes, and none before its lines are durable. */
	if (frontier_width(&a->edge, 0) + a->prefix_lines + b->n >= TILE_WIDTH &&
	    append_sync_log(a) == -1)
		return -1;
	return grow(a, b) == -1 ? -1 : append_seal(a);
}

int
append_commit(struct append *a, struct slice lines, struct log_fault *fault)
{
	struct batch b = { .text = lines };
	int status;

	a->fault.rule = NULL;
	hash_batch(&b);
	status = lock(a);
	if (status == 0) {
		status = commit_locked(a, &b);
		flock(a->lock, LOCK_UN);
	}
	free(b.leaf);
	free(b.end);
	*fault = a->fault;
	return status;
}

static int
between_locked(
    struct append *a, int (*between)(void *arg, const struct append_state *state), void *arg)
{
	struct batch none = { .n = 0 };
	struct append_state state = { .fd = -1 };

	if (commit_locked(a, &none) == -1 || locate_first(a, &state.first) == -1)
		return -1;
	state.fd = a->log;
	state.head = buf_view(&a->head);
	state.entries = a->edge.size;
	state.bytes = a->end;
	if (between(arg, &state) != 0)
		return -1;
	place_close(a->log);
	a->log = -1;
	return commit_locked(a, &none);
}

int
append_between(struct append *a, int (*between)(void *arg, const struct append_state *state),
    void *arg, struct log_fault *fault)
{
	int status;

	a->fault.rule = NULL;
	status = lock(a);
	if (status == 0) {
		status = between_locked(a, between, arg);
		flock(a->lock, LOCK_UN);
	}
	*fault = a->fault;
	return status;
}

int
append_finish(struct append *a, struct log_fault *fault)
{
	int status = 0;

	if (a->head.len == 0 || slice_eq(buf_view(&a->head), buf_view(&a->recorded.last)))
		return 0;
	a->fault.rule = NULL;
	if (lock(a) == 0) {
		/* If others went on from our head, theirs is the one to be listed. */
		if (same_head(a) &&
		    record_add(a->tree, a->o->mode, buf_view(&a->head), a->time, true,
			&a->recorded) == -1)
			append_fault_system(a, "checkpoints");
		flock(a->lock, LOCK_UN);
	}
	status = a->fault.rule == NULL ? 0 : -1;
	*fault = a->fault;
	return status;
}
