/* rotate: another key takes over a log, under one head that both sign; the old one is destroyed. */
#include "audit-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "log/place.h"

const struct tool_option rotate_options[] = {
	{ OPT_KEY, "key", "OLD",
	    "the key that signs so far: destroyed once NEW has taken over" },
	{ OPT_NEW_KEY, "new-key", "NEW", "the key that takes over, of the same name" },
	{ OPT_TREE, "tree", "DIR", "the tree is in DIR instead of LOG.tree" },
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

struct rotate {
	struct append_options o;
	struct skey key, next;
	char *tree;
	const char *old; /* the file that holds the old key, or "fd:N" */
	char *path;      /* of that file, without symbolic links; NULL for fd:N */
	int fd;          /* on it */
	bool unlisted;   /* the head is durable, but could not be listed */
};

static void
parse(struct rotate *r, int argc, char **argv)
{
	const char *tree = NULL, *next = NULL;
	int c;

	r->old = getenv("AUDIT_KEY_FILE");
	while ((c = tool_next(argc, argv, rotate_options)) != -1)
		switch (c) {
		case OPT_KEY: r->old = optarg; break;
		case OPT_NEW_KEY: next = optarg; break;
		case OPT_TREE: tree = optarg; break;
		}
	if (argc - optind != 1)
		die_usage("rotate takes one LOG");
	if (next == NULL)
		die_usage("rotate needs --new-key: %s", "make one with audit-hash keygen");
	r->o.log = argv[optind];
	r->o.tree = r->tree = tree_of(r->o.log, tree);
	keys_load(r->old, &r->key);
	if (keys_try("new-key", next, false, &r->next) == -1) {
		skey_wipe(&r->key);
		exit((int)tool_end(TOOL_TROUBLE));
	}
	r->o.key = &r->key;
	r->o.next = &r->next;
}

/* Hold on to the old key's file, so that it is this one that is destroyed.  Returns 0, or -1. */
static int
open_old(struct rotate *r)
{
	if (strncmp(r->old, "fd:", 3) == 0)
		return 0;
	r->path = realpath(r->old, NULL);
	if (r->path != NULL)
		r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (r->fd == -1)
		warn_errno(r->old);
	return r->fd == -1 ? -1 : 0;
}

/* May one take over from the other, in a log that is there? */
static int
check(const struct rotate *r)
{
	struct buf head = { 0 };
	int status = -1;

	buf_printf(&head, "%s/checkpoint", r->tree);
	if (strcmp(r->key.vkey.name, r->next.vkey.name) != 0)
		warn("option --new-key: not a key of the log's name [key-name]");
	else if (memcmp(r->key.seed, r->next.seed, KEY_BYTES) == 0)
		warn("option --new-key: the same key [key-other]");
	else if (access(buf_cstr(&head), F_OK) == -1)
		warn_errno(head.p);
	else
		status = 0;
	buf_free(&head);
	return status;
}

/* Is the file at the path still the one held? */
static bool
still_there(const struct rotate *r)
{
	struct stat held, named;

	return fstat(r->fd, &held) == 0 && lstat(r->path, &named) == 0 &&
	    held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* Open the file held for writing, whatever its mode. */
static int
reopen(const struct rotate *r)
{
	struct buf name = { 0 };
	int fd = -1;

	buf_printf(&name, "/proc/self/fd/%d", r->fd);
	if (fchmod(r->fd, 0600) == 0)
		fd = open(buf_cstr(&name), O_WRONLY | O_CLOEXEC);
	buf_free(&name);
	return fd;
}

/* Overwrite all bytes of the file, in place, and see that it is done. */
static int
overwrite(int fd)
{
	static const char zeros[4096];
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	for (off_t left = st.st_size; left > 0; left -= (off_t)sizeof zeros) {
		size_t n = left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros;

		if (file_write(fd, (struct slice){ zeros, n }) == -1)
			return -1;
	}
	return fsync(fd);
}

static int
destroy(const struct rotate *r)
{
	int fd, status;

	if (r->path == NULL) {
		note("%s: destroy this key: the log's is the new one now", r->old);
		return 0;
	}
	fd = reopen(r);
	status = fd == -1 ? -1 : overwrite(fd);
	place_close(fd);
	errno = status == 0 && !still_there(r) ? ENOENT : errno;
	if (status == -1 || !still_there(r) || unlink(r->path) == -1 ||
	    place_sync_parent(r->path) == -1) {
		warn("%s: destroy this key, the log's is the new one now: %s", r->old,
		    strerror(errno));
		return -1;
	}
	return 0;
}

/* A vkey within a string of JSON: its name may hold what must be escaped there. */
static void
put_vkey(struct buf *b, const struct vkey *k)
{
	struct buf text = { 0 };

	vkey_put(&text, k);
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_byte(b, '\\');
		buf_byte(b, text.p[i]);
	}
	buf_free(&text);
}

/* Append the line and sign over it with both keys. */
static int
take_over(struct rotate *r)
{
	struct log_fault fault = { NULL, NULL, 0 };
	struct append *a = append_open(&r->o, &fault);
	struct buf line = { 0 };
	int status = -1;

	buf_str(&line, "{\"log_event\": \"rotate\", \"new_key\": \"");
	put_vkey(&line, &r->next.vkey);
	buf_str(&line, "\"}\n");
	if (a != NULL)
		status = append_commit(a, buf_view(&line), &fault);
	if (status == 0)
		r->unlisted = append_finish(a, &fault) == -1;
	if (status == -1 || r->unlisted)
		say_fault(r->o.log, r->tree, &fault);
	append_free(a);
	buf_free(&line);
	return status;
}

enum tool_status
rotate_run(int argc, char **argv)
{
	struct rotate r = { .o.mode = 0640, .fd = -1 };
	enum tool_status status = TOOL_TROUBLE;

	parse(&r, argc, argv);
	if (open_old(&r) == 0 && check(&r) == 0 && take_over(&r) == 0 && destroy(&r) == 0)
		status = r.unlisted ? TOOL_TROUBLE : TOOL_OK;
	skey_wipe(&r.key);
	skey_wipe(&r.next);
	place_close(r.fd);
	free(r.path);
	free(r.tree);
	return status;
}
