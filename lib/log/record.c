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

/* Does the last recorded head go with the present one? */
static int
compare(
    const struct head *head, const struct vkey *key, struct recorded *r, struct log_fault *f)
{
	struct head last = { 0 };
	int status = 0;

	if (head_get(buf_view(&r->last), &last, NULL) == -1)
		status = fault(f, "heads-damaged", 0);
	else if (last.cp.size > head->cp.size)
		status = fault(f, "rollback", 0);
	else if (last.cp.size == head->cp.size && !hash_eq(&last.cp.root, &head->cp.root))
		status = fault(f, "fork", 0);
	else if (key != NULL && head_check(&last, key, 1) == HEAD_GOOD && last.timed)
		r->time = last.time;
	head_free(&last);
	return status;
}

int
record_load(int tree, const struct head *head, const struct vkey *key, struct recorded *r,
    struct log_fault *f)
{
	int fd = place_open(tree, "checkpoints", O_RDWR, 0, NULL), status = 0, found;
	bool writable = fd != -1;
	struct stat st;
	uint64_t end;

	buf_reset(&r->last);
	r->time = -1;
	if (fd == -1 && errno != ENOENT)
		fd = place_open(tree, "checkpoints", O_RDONLY, 0, NULL);
	if (fd == -1)
		return errno == ENOENT ? 0 : fault(f, "system", errno);
	found = heads_last(fd, &r->last, &end);
	if (found == -1 || fstat(fd, &st) == -1)
		status = fault(f, "system", errno);
	else if (found == 1)
		status = compare(head, key, r, f);
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
