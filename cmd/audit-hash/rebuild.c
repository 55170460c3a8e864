/* rebuild: a log's tiles from its lines, accepted only if they lead to a signed head. */
#include "audit-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/progress.h"
#include "log/checkpoint.h"
#include "log/place.h"
#include "log/rebuild.h"
#include "operands.h"

const struct tool_option rebuild_options[] = {
	{ OPT_PUBKEY, "pubkey", "FILE",
	    "the log's public keys: its head must be signed by one" },
	{ OPT_CHECKPOINT, "checkpoint", "FILE",
	    "the signed head is in FILE, if the tree has none any more" },
	{ OPT_TREE, "tree", "DIR", "the tree is in DIR instead of LOG.tree" },
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

struct job {
	const char *log, *pubkey, *checkpoint;
	char *tree;
	bool progress;
	int dir, lock;
	struct buf message;
	struct head head;
	bool install; /* the head is not the tree's own */
	struct operands operands;
};

static void
parse(struct job *j, int argc, char **argv)
{
	const char *tree = NULL;
	int c;

	while ((c = tool_next(argc, argv, rebuild_options)) != -1)
		switch (c) {
		case OPT_PUBKEY: j->pubkey = optarg; break;
		case OPT_CHECKPOINT: j->checkpoint = optarg; break;
		case OPT_TREE: tree = optarg; break;
		case TOOL_PROGRESS: j->progress = true; break;
		}
	if (argc == optind)
		die_usage("rebuild takes a LOG, and before it its older segments");
	j->log = argv[argc - 1];
	j->tree = tree_of(j->log, tree);
}

static int
open_tree(struct job *j)
{
	if (j->checkpoint != NULL && place_make_dir(AT_FDCWD, j->tree, NULL) == -1) {
		warn_errno(j->tree);
		return -1;
	}
	j->dir = open(j->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->dir != -1)
		j->lock = place_open(j->dir, "lock", O_RDONLY | O_CREAT, 0640, NULL);
	if (j->lock == -1) {
		warn_errno(j->tree);
		return -1;
	}
	while (flock(j->lock, LOCK_EX) == -1 && errno == EINTR)
		;
	return 0;
}

/* Read the tree's file name, or the last head of the list.  Returns 1, 0 if it is not there, or -1. */
static int
read_own(struct job *j, const char *name, bool list, struct buf *text)
{
	int fd = place_open(j->dir, name, O_RDONLY, 0, NULL), status;
	struct heads_place place;
	struct stat st;

	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		status = -1;
	else if (list)
		status = fstat(fd, &st) == -1
		    ? -1
		    : heads_last(fd, (uint64_t)st.st_size, text, &place);
	else
		status = file_read(fd, NOTE_MAX, text) == 0 ? 1 : -1;
	place_close(fd);
	if (status == -1)
		warn("%s/%s: %s", j->tree, name, strerror(errno));
	return status;
}

/* The head: the one given, else the tree's, else the last one listed. */
static int
read_head(struct job *j)
{
	int status;

	j->install = true;
	if (j->checkpoint != NULL) {
		status = file_load(j->checkpoint, NOTE_MAX, &j->message);
		if (status == -1)
			warn_errno(j->checkpoint);
	} else {
		status = read_own(j, "checkpoint", false, &j->message);
		j->install = status == 0;
		if (status == 0)
			status = read_own(j, "checkpoints", true, &j->message);
		if (status == 0)
			warn("%s: there is no signed head; give one with --checkpoint "
			     "[head-missing]",
			    j->tree);
		status = status == 1 ? 0 : -1;
	}
	if (status == 0 && head_get(buf_view(&j->message), &j->head, NULL) == -1) {
		warn("%s: not a signed head [checkpoint-syntax]",
		    j->checkpoint != NULL ? j->checkpoint : j->tree);
		status = -1;
	}
	return status;
}

/* Is the head signed by a key given? */
static int
check_head(struct job *j)
{
	struct vkey *keys;
	size_t n;
	enum head_state state;

	if (j->pubkey == NULL) {
		note("%s: the head's signature was not looked at (--pubkey)", j->tree);
		return 0;
	}
	if (keys_public(j->pubkey, &keys, &n) == -1)
		return -1;
	state = head_check(&j->head, keys, n);
	free(keys);
	if (state == HEAD_GOOD)
		return 0;
	warn("%s: the head %s [%s]", j->tree,
	    state == HEAD_BAD ? "has a wrong signature" : "has no signature by a known key",
	    state == HEAD_BAD ? "head-damaged" : "key-other");
	return -1;
}

/* Would a head given take the place of one that is as long or longer? */
static int
check_own(struct job *j)
{
	struct buf own = { 0 };
	struct head head = { 0 };
	int status;

	if (j->checkpoint == NULL)
		return 0;
	status = read_own(j, "checkpoint", false, &own);
	if (status == 0)
		status = read_own(j, "checkpoints", true, &own);
	if (status == 1 && head_get(buf_view(&own), &head, NULL) == 0) {
		if (head.cp.size > j->head.cp.size) {
			warn(
			    "%s: has a longer head than %s [rollback]", j->tree, j->checkpoint);
			status = -1;
		} else if (slice_eq(buf_view(&own), buf_view(&j->message))) {
			j->install = false;
		}
	}
	head_free(&head);
	buf_free(&own);
	return status == -1 ? -1 : 0;
}

static int
say_why(const struct job *j, const struct rebuild *r)
{
	if (r->why == NULL)
		warn("%s: tile: %s", j->tree, strerror(errno));
	else if (strcmp(r->why, "records") == 0)
		operands_say(&j->operands);
	else
		warn("%s: its lines do not lead to its head: nothing was changed, and "
		     "audit-verify says more [modified]",
		    j->log);
	return -1;
}

static int
rebuild(struct job *j)
{
	struct rebuild r = { .tree = j->dir,
		.size = j->head.cp.size,
		.root = j->head.cp.root,
		.records = &j->operands.records,
		.mode = 0640 };
	int status;

	progress_start(0, j->progress);
	status = rebuild_tiles(&r);
	progress_end();
	if (status == -1)
		return say_why(j, &r);
	if (j->install &&
	    file_replace(j->dir, "checkpoint", buf_view(&j->message), 0640, true) == -1) {
		warn("%s/checkpoint: %s", j->tree, strerror(errno));
		return -1;
	}
	note("%s: %llu of %llu tiles made anew, and they lead to the head", j->tree,
	    (unsigned long long)r.made, (unsigned long long)r.tiles);
	return 0;
}

enum tool_status
rebuild_run(int argc, char **argv)
{
	struct job j = { .dir = -1, .lock = -1 };
	enum tool_status status = TOOL_TROUBLE;

	parse(&j, argc, argv);
	if (operands_open(&j.operands, argv + optind, argc - optind) == 0 &&
	    open_tree(&j) == 0 && read_head(&j) == 0 && check_head(&j) == 0 &&
	    check_own(&j) == 0 && rebuild(&j) == 0)
		status = TOOL_OK;
	operands_close(&j.operands);
	head_free(&j.head);
	buf_free(&j.message);
	place_close(j.lock);
	place_close(j.dir);
	free(j.tree);
	return status;
}
