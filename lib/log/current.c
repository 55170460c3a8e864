/* The present head, to be handed out. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "log/appender.h"
#include "log/place.h"

static int
system_fault(struct log_fault *fault, const char *file)
{
	*fault = (struct log_fault){ "system", file, errno };
	return -1;
}

/* Read the head and see that it stands in "checkpoints". */
static int
read_listed(int tree, struct buf *text, struct log_fault *fault)
{
	struct recorded r = { 0 };
	struct head head = { 0 };
	struct diag d = { NULL, 0 };
	int status;

	if (append_read_tree(tree, "checkpoint", text) == -1) {
		if (errno != ENOENT)
			return system_fault(fault, "checkpoint");
		*fault = (struct log_fault){ "head-missing", "checkpoint", 0 };
		return -1;
	}
	if (head_get(buf_view(text), &head, &d) == -1) {
		*fault = (struct log_fault){ d.rule, "checkpoint", 0 };
		status = -1;
	} else {
		status = record_load(tree, &head, NULL, &r, fault);
	}
	if (status == 0 && !slice_eq(buf_view(&r.last), buf_view(text)) &&
	    record_add(tree, 0640, buf_view(text), 0, true, &r) == -1)
		status = system_fault(fault, "checkpoints");
	head_free(&head);
	buf_free(&r.last);
	return status;
}

int
log_checkpoint(const char *tree_path, struct buf *head, struct log_fault *fault)
{
	int tree = open(tree_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), lock, status;
	struct buf text = { 0 };

	if (tree == -1)
		return system_fault(fault, ".");
	/* Who may not write may still read a head that is listed. */
	lock = place_open(tree, "lock", O_RDONLY, 0, NULL);
	if (lock != -1)
		while (flock(lock, LOCK_EX) == -1 && errno == EINTR)
			;
	status = read_listed(tree, &text, fault);
	if (status == 0)
		buf_slice(head, buf_view(&text));
	place_close(lock);
	place_close(tree);
	buf_free(&text);
	return status;
}
