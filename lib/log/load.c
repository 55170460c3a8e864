/* What the disk says: the head, the log, and whether they fit together. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"
#include "log/appender.h"
#include "log/extent.h"
#include "log/hints.h"
#include "log/place.h"

int
append_read_tree(int tree, const char *name, struct buf *text)
{
	int fd = place_open(tree, name, O_RDONLY, 0, NULL), status;

	if (fd == -1)
		return -1;
	buf_reset(text);
	status = file_read(fd, NOTE_MAX, text);
	place_close(fd);
	return status;
}

int
append_open_log(struct append *a, bool make)
{
	int dir, flags = O_RDWR | O_APPEND | (make ? O_CREAT : 0);
	const char *base;
	struct stat st;

	place_close(a->log);
	a->log = -1;
	dir = place_parent(a->o->log, &base);
	if (dir == -1)
		return append_fault_system(a, "");
	a->log = place_open(dir, base, flags, a->o->mode, NULL);
	if (a->log == -1 && errno == ENOENT && !make) {
		place_close(dir);
		a->start = 0;
		return 0;
	}
	if (a->log == -1 || fstat(a->log, &st) == -1) {
		append_fault_system(a, "");
	} else if (!S_ISREG(st.st_mode)) {
		append_fault(a, "not-regular", "");
	} else {
		a->start = (uint64_t)st.st_size;
		/* Whoever made it may have been killed before its name was durable. */
		if (make && place_sync(dir) == -1)
			append_fault_system(a, "");
	}
	place_close(dir);
	if (a->log == -1 && (a->fault.error == ELOOP || a->fault.error == ENXIO))
		append_fault(a, "not-regular", "");
	return a->fault.rule != NULL ? -1 : 1;
}

/* The head must be the log's own: its last type 1 line under the origin by our key. */
static int
check_head(struct append *a, struct head *head)
{
	const struct vkey *key = &a->o->key->vkey;
	const struct note_line *last = NULL;
	struct diag d = { NULL, 0 };

	if (head_get(buf_view(&a->head), head, &d) == -1)
		return append_fault(a, d.rule, "checkpoint");
	head_check(head, key, 1);
	for (size_t i = 0; i < head->note.n; i++)
		if (slice_eq(head->note.line[i].name, head->cp.origin) &&
		    head->note.line[i].blob.len == KEY_SIG)
			last = &head->note.line[i];
	if (head->state == HEAD_BAD)
		return append_fault(a, "head-damaged", "checkpoint");
	if (head->state != HEAD_GOOD || last == NULL || last->id != key->id)
		return append_fault(a, "key-other", "checkpoint");
	a->time = head->timed ? head->time : 0;
	return 0;
}

/* Lines that no head can follow are not written at all: each further try would add to them. */
static int
check_tree(struct append *a)
{
	if (faccessat(a->tree, ".", W_OK | X_OK, AT_EACCESS) == -1)
		return append_fault_system(a, ".");
	return 0;
}

/* The head of a log without lines. */
static int
find_empty(struct append *a, const struct head *head)
{
	struct hash root;

	memset(&a->edge, 0, sizeof a->edge);
	a->end = 0;
	a->spanned = 0;
	frontier_root(&a->edge, &root);
	return hash_eq(&root, &head->cp.root) ? append_open_log(a, true)
					      : append_fault(a, "head-damaged", "checkpoint");
}

/* Where the head's last line ends: in the log, or in the segment before it. */
static int
find_end(struct append *a, const struct head *head)
{
	struct locate l = { "log-missing", true };
	int status;

	status = append_open_log(a, false);
	if (status == -1 || check_tree(a) == -1)
		return -1;
	if (head->cp.size == 0)
		return find_empty(a, head);
	if (status == 1 && a->start > 0) {
		status = locate_end(a, head, &l);
		if (status == 1)
			return append_finish_seal(a, head);
		if (status == -1)
			return -1;
		buf_reset(&a->hints);
		if (!l.elsewhere)
			return append_fault(a, l.why, "");
	}
	return append_begin(a, head, l.why);
}

/* A line that is too long would be under the head for ever. */
static int
check_length(void *arg, const struct extent_run *run)
{
	uint64_t *end = arg;

	for (size_t i = 0; i < run->n; i++) {
		if (run->end[i] - *end > (uint64_t)LINES_MAX + 1)
			return -1;
		*end = run->end[i];
	}
	return 0;
}

/* There is no head: a new log, or one to adopt.  It gets its head of size 0. */
static int
start_log(struct append *a)
{
	struct recorded none = { 0 };
	struct head empty = { 0 };
	uint64_t end = 0;
	int status;

	tree_empty(&empty.cp.root);
	status = record_load(a->tree, &empty, &a->o->key->vkey, &none, &a->fault);
	buf_free(&none.last);
	if (status == -1 || append_open_log(a, true) == -1)
		return -1;
	/* Nor may the tree's name be lost once a head stands in it. */
	if (place_sync_parent(a->o->tree) == -1)
		return append_fault_system(a, ".");
	if (a->start > 0 && !a->o->adopt)
		return append_fault(a, "no-head", "");
	errno = 0;
	if (a->start > 0 &&
	    extent_read(a->log, 0, a->start, UINT64_MAX, check_length, &end) == -1)
		return errno != 0 ? append_fault_system(a, "")
				  : append_fault(a, "line-length", "");
	a->adopting = a->start > 0;
	memset(&a->edge, 0, sizeof a->edge);
	a->end = 0;
	hint_put(&a->hints, (struct hint){ 0, 0 });
	a->hints_anew = true;
	a->hints_first = 0;
	return append_seal(a);
}

int
append_load(struct append *a)
{
	struct head head = { 0 };
	int status = -1;

	append_recover_begin(a);
	buf_reset(&a->hints);
	buf_reset(&a->opening);
	a->hints_anew = false;
	a->dirty = 0;
	buf_reset(&a->recorded.last);
	a->recorded.time = -1;
	if (append_read_tree(a->tree, "checkpoint", &a->head) == -1)
		return errno == ENOENT ? start_log(a) : append_fault_system(a, "checkpoint");
	if (check_head(a, &head) == 0 &&
	    record_load(a->tree, &head, &a->o->key->vkey, &a->recorded, &a->fault) == 0 &&
	    find_end(a, &head) != -1)
		status = 0;
	head_free(&head);
	if (status == 0)
		(void)record_add(
		    a->tree, a->o->mode, buf_view(&a->head), a->time, false, &a->recorded);
	return status;
}
