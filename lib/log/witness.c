#include "log/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "log/checkpoint.h"
#include "log/place.h"
#include "log/proof.h"

enum { MODE = 0640 };

struct ask {
	const struct witness *w;
	struct witness_result *r;
	struct proof_file file;
	struct head head;  /* asked for */
	struct head known; /* the state */
	bool first;        /* there is none yet */
	int dir, lock;
	const char *base;
};

static enum witness_answer
cannot(struct ask *a, const char *rule)
{
	a->r->rule = rule;
	a->r->error = errno;
	return WITNESS_CANNOT;
}

static enum witness_answer
no(struct ask *a, const char *rule)
{
	a->r->rule = rule;
	buf_slice(&a->r->asked, a->head.message);
	return WITNESS_NO;
}

/* The body: whole, and of a head by a known log's key. */
static enum witness_answer
read_body(struct ask *a, struct slice body)
{
	struct diag d = { NULL, 0 };

	if (witness_body_get(body, &a->file, &d) == -1 ||
	    head_get(a->file.head, &a->head, &d) == -1)
		return cannot(a, d.rule);
	switch (head_check(&a->head, a->w->keys, a->w->n)) {
	case HEAD_GOOD: return WITNESS_SIGNED;
	case HEAD_BAD: return cannot(a, "head-damaged");
	case HEAD_ORIGIN: return cannot(a, "origin");
	default: return cannot(a, "key-unknown");
	}
}

/* Is the lock file that we have still the one of that name?  A lock on any other excludes no one. */
static bool
still_named(const struct ask *a, const char *name)
{
	struct stat named, ours;

	return fstatat(a->dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstat(a->lock, &ours) == 0 && named.st_dev == ours.st_dev &&
	    named.st_ino == ours.st_ino;
}

static int
take_lock(struct ask *a)
{
	struct buf name = { 0 };
	bool ours = false;

	buf_printf(&name, "%s.lock", a->base);
	while (!ours) {
		place_close(a->lock);
		a->lock = place_open(a->dir, buf_cstr(&name), O_RDONLY | O_CREAT, MODE, NULL);
		if (a->lock == -1)
			break;
		while (flock(a->lock, LOCK_EX) == -1 && errno == EINTR)
			;
		ours = still_named(a, name.p);
	}
	buf_free(&name);
	return a->lock == -1 ? -1 : 0;
}

/* The state, which must be a head by the log's key as whole as it was written. */
static enum witness_answer
read_state(struct ask *a)
{
	int fd = place_open(a->dir, a->base, O_RDONLY, 0, NULL), status;
	struct hash none;
	struct stat st;

	if (fd == -1 && errno == ENOENT) {
		a->first = true;
		return a->w->init ? WITNESS_SIGNED : cannot(a, "state-missing");
	}
	if (fd == -1)
		return cannot(a, "system");
	status = fstat(fd, &st);
	if (status == 0 && !S_ISREG(st.st_mode)) {
		place_close(fd);
		return cannot(a, "state-damaged");
	}
	if (status == 0)
		status = file_read(fd, NOTE_MAX, &a->r->known);
	place_close(fd);
	if (status == -1)
		return cannot(a, errno == EFBIG ? "state-damaged" : "system");
	if (a->w->init)
		return cannot(a, "state-exists");
	tree_empty(&none);
	if (head_get(buf_view(&a->r->known), &a->known, NULL) == -1 ||
	    head_check(&a->known, a->w->keys, a->w->n) != HEAD_GOOD ||
	    (a->known.cp.size == 0 && !hash_eq(&a->known.cp.root, &none)))
		return cannot(a, "state-damaged");
	return slice_eq(a->known.cp.origin, a->head.cp.origin) ? WITNESS_SIGNED
							       : cannot(a, "origin");
}

/* Does the head asked for go on from the one known? */
static enum witness_answer
compare(struct ask *a)
{
	const struct checkpoint *known = &a->known.cp, *asked = &a->head.cp;
	struct hash none;

	a->r->size = known->size;
	if (asked->size < known->size)
		return no(a, "rollback");
	if (!a->first && asked->size == known->size && !hash_eq(&asked->root, &known->root))
		return no(a, "fork");
	if (a->file.number != known->size)
		return cannot(a, "old");
	tree_empty(&none);
	if (asked->size == 0 && !hash_eq(&asked->root, &none))
		return cannot(a, "checkpoint-syntax");
	if (known->size == 0 || known->size == asked->size) /* there is nothing to prove */
		return a->file.proof.n == 0 ? WITNESS_SIGNED : cannot(a, "proof-syntax");
	if (!proof_extends(
		known->size, &known->root, asked->size, &asked->root, &a->file.proof))
		return no(a, "fork");
	return WITNESS_SIGNED;
}

static enum witness_answer
cosign(struct ask *a)
{
	struct vkey cosigner = vkey_cosigner(&a->w->key->vkey);
	uint8_t blob[KEY_COSIG];

	if (skey_cosign(a->w->key, a->head.note.text, a->w->time, blob) == -1)
		return cannot(a, "sign");
	/* The state first: what is not durable is not signed. */
	if (file_replace(a->dir, a->base, a->head.message, MODE, true) == -1)
		return cannot(a, "system");
	note_put_line(&a->r->line, slice_of(cosigner.name), cosigner.id, blob, sizeof blob);
	return WITNESS_SIGNED;
}

static enum witness_answer
ask_locked(struct ask *a)
{
	int parent = place_parent(a->w->state, &a->base);
	enum witness_answer answer;

	if (parent != -1)
		a->dir = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	place_close(parent);
	if (a->dir == -1 || take_lock(a) == -1)
		return cannot(a, "system");
	answer = read_state(a);
	if (answer == WITNESS_SIGNED)
		answer = compare(a);
	return answer == WITNESS_SIGNED ? cosign(a) : answer;
}

enum witness_answer
witness_ask(const struct witness *w, struct slice body, struct witness_result *r)
{
	struct ask a = { .w = w, .r = r, .dir = -1, .lock = -1 };
	enum witness_answer answer;

	memset(r, 0, sizeof *r);
	errno = 0;
	answer = read_body(&a, body);
	if (answer == WITNESS_SIGNED)
		answer = ask_locked(&a);
	place_close(a.lock);
	place_close(a.dir);
	head_free(&a.head);
	head_free(&a.known);
	return answer;
}

void
witness_free(struct witness_result *r)
{
	buf_free(&r->known);
	buf_free(&r->asked);
	buf_free(&r->line);
}
