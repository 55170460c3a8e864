/* Keeping "checkpoints": it may lag behind the head, and never leads. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/appender.h"
#include "log/place.h"

static int
fault(struct log_fault *f, const char *rule, int error)
{
	*f = (struct log_fault){ rule, "checkpoints", error };
	return -1;
}

/* Does a head in the list go with the present one? */
static int
compare(const struct head *head, const struct head *listed, struct log_fault *f)
{
	if (listed->cp.size > head->cp.size)
		return fault(f, "rollback", 0);
	if (listed->cp.size == head->cp.size && !hash_eq(&listed->cp.root, &head->cp.root))
		return fault(f, "fork", 0);
	return 0;
}

/* Is the listed head signed by the log's key?  The present one is known to be, time and all. */
static bool
is_signed(struct head *listed, const struct head *head, const struct vkey *key)
{
	if (head->state != HEAD_GOOD || !slice_eq(listed->message, head->message))
		return head_check(listed, key, 1) == HEAD_GOOD;
	listed->timed = head->timed;
	listed->time = head->time;
	return true;
}

/*
 * Look at the list from its end until a head says something: one that the log's key signed (if key
 * is NULL, any of its origin).  What others put there says nothing.  Returns 0, *end being behind the last one that
 * is a head at all; -1.
 */
static int
look_back(int fd, const struct head *head, const struct vkey *key, struct recorded *r,
    uint64_t *end, struct log_fault *f)
{
	struct heads_place at = { *end, 0 };
	struct buf message = { 0 };
	bool done = false;
	int status = 0, found = 1;

	*end = 0;
	while (status == 0 && !done) {
		struct head listed = { 0 };

		found = heads_last(fd, at.start, &message, &at);
		if (found != 1)
			break;
		if (head_get(buf_view(&message), &listed, NULL) == 0) {
			if (*end == 0) {
				*end = at.end;
				buf_slice(&r->last, buf_view(&message));
			}
			done = key == NULL ? slice_eq(listed.cp.origin, head->cp.origin)
					   : is_signed(&listed, head, key);
			if (done)
				status = compare(head, &listed, f);
			if (done && *end == at.end && key != NULL && listed.timed)
				r->time = listed.time;
		}
		head_free(&listed);
	}
	if (found == -1)
		status = fault(f, "system", errno);
	buf_free(&message);
	return status;
}

int
record_load(int tree, const struct head *head, const struct vkey *key, struct recorded *r,
    struct log_fault *f)
{
	int fd = place_open(tree, "checkpoints", O_RDWR, 0, NULL), status;
	bool writable = fd != -1;
	struct stat st = { 0 };
	uint64_t end = 0;

	buf_reset(&r->last);
	r->time = -1;
	if (fd == -1 && errno != ENOENT)
		fd = place_open(tree, "checkpoints", O_RDONLY, 0, NULL);
	if (fd == -1)
		return errno == ENOENT ? 0 : fault(f, "system", errno);
	if (fstat(fd, &st) == -1) {
		status = fault(f, "system", errno);
	} else {
		end = (uint64_t)st.st_size;
		status = look_back(fd, head, key, r, &end, f);
	}
	if (status == 0 && writable && (uint64_t)st.st_size > end &&
	    ftruncate(fd, (off_t)end) == -1)
		status = fault(f, "system", errno);
	place_close(fd);
	return status;
}

/* One write at the end of the file; if it does not fit, none of it stays. */
static int
add_text(int fd, struct slice text)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return -1;
	n = write(fd, text.p, text.len);
	if (n == (ssize_t)text.len)
		return 0;
	if (n >= 0)
		errno = ENOSPC;
	if (n > 0) {
		int error = errno;

		(void)!ftruncate(fd, st.st_size);
		errno = error;
	}
	return -1;
}

int
record_add(
    int tree, mode_t mode, struct slice head, int64_t time, bool always, struct recorded *r)
{
	struct buf text = { 0 };
	int fd, status;

	if (slice_eq(buf_view(&r->last), head) || (!always && time == r->time))
		return 0;
	fd = place_open(tree, "checkpoints", O_WRONLY | O_APPEND | O_CREAT, mode, NULL);
	if (fd == -1)
		return -1;
	buf_slice(&text, head);
	buf_byte(&text, '\n');
	status = add_text(fd, buf_view(&text));
	place_close(fd);
	buf_free(&text);
	if (status == 0) {
		buf_reset(&r->last);
		buf_slice(&r->last, head);
		r->time = time;
	}
	return status;
}
