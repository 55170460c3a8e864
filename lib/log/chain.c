/* Heads signed earlier, and anchors, against the head: is it what they became? */
#include "log/job.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/token.h"

static const char bad_head[] = "the signature by a known key is not of this head";
static const char other_root[] =
    "a signed head of an older state that this one did not come from";
static const char same_size[] = "a signed head of the same size has another root";
static const char no_tiles[] = "the tiles that would tell are missing";

bool
chain_root(struct job *j, uint64_t size, struct hash *root)
{
	struct frontier *f = &j->older;

	f->size = size;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = frontier_width(f, level);
		const struct hash *hashes;

		if (width == 0)
			continue;
		hashes = mend_tile(j->mend, level, (size >> (8 * level)) / TILE_WIDTH);
		if (hashes == NULL)
			return false;
		memcpy(f->tile[level], hashes, width * sizeof *hashes);
	}
	frontier_root(f, root);
	return true;
}

/* A signed head, at place and file, that does not go with ours. */
static void
found_other(struct job *j, enum finding_kind kind, enum verify_place place, const char *file,
    const struct head *h)
{
	bool longer = kind == FOUND_ROLLBACK;
	struct verify_finding f = {
		.kind = kind,
		.place = place,
		.file = file,
		.words = longer                   ? NULL
		    : h->cp.size == j->r->entries ? same_size
						  : other_root,
		.entry = longer ? j->r->entries : ALIGN_NONE,
		.count = longer ? h->cp.size - j->r->entries : 0,
		.copy = ALIGN_NONE,
		.timed = longer && h->timed,
		.time = h->time,
		.ours = buf_view(&j->latest.message),
		.theirs = h->message,
	};

	job_found(j, &f);
}

/* Does a good head go with ours?  1 or 0 (which is reported), -1: no one knows. */
static int
compare(struct job *j, enum verify_place place, const char *file, const struct head *h)
{
	struct hash root;

	if (h->cp.size > j->r->entries) {
		found_other(j, FOUND_ROLLBACK, place, file, h);
		return 0;
	}
	if (h->cp.size == j->r->entries)
		root = j->r->root;
	else if (!chain_root(j, h->cp.size, &root))
		return -1;
	if (hash_eq(&root, &h->cp.root))
		return 1;
	found_other(j, FOUND_FORK, place, file, h);
	return 0;
}

/*
 * A head of the list.  Only one that does not fit is worth its signatures' verification: the list of
 * an old log is long.  Those as long as ours, and longer, were judged when the head was read.
 */
static void
check_listed(struct job *j, struct slice message)
{
	/* What led to the head before leads to this one. */
	bool incremental = j->v->state != NULL && j->r->full == NULL;
	struct head h = { 0 };
	struct hash root;

	if (head_get(message, &h, NULL) == 0 && h.cp.size < j->r->entries &&
	    (!incremental || h.cp.size > j->v->state->size) &&
	    slice_eq(h.cp.origin, j->latest.head.cp.origin)) {
		if (!chain_root(j, h.cp.size, &root))
			j->r->untold++;
		else if (!hash_eq(&root, &h.cp.root))
			switch (head_check(&h, j->v->keys, j->v->n + j->v->old)) {
			case HEAD_GOOD:
				found_other(j, FOUND_FORK, AT_TREE, "checkpoints", &h);
				break;
			case HEAD_BAD:
				job_found_file(
				    j, FOUND_HEAD_DAMAGED, AT_TREE, "checkpoints", bad_head);
				break;
			default: break;
			}
	}
	head_free(&h);
}

/* Call each for every head in the list, until it returns true.  Returns 1 then, 0 or -1. */
int
chain_each(struct job *j, each_head *each, void *arg)
{
	int fd = openat(j->v->tree, "checkpoints", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct slice message;
	struct heads *in;
	struct stat st;
	int status = 1;

	if (fd == -1)
		return errno == ENOENT ? 0 : job_cannot(j, AT_TREE, "checkpoints", NULL);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		close(fd);
		return 0; /* was refused when the head was read */
	}
	in = heads_open(fd);
	while (status == 1 && (status = heads_next(in, &message)) == 1)
		if (each(j, arg, message))
			break;
	if (status == -1)
		job_cannot(j, AT_TREE, "checkpoints", NULL);
	heads_free(in);
	close(fd);
	return status;
}

static bool
each_check(struct job *j, void *arg, struct slice message)
{
	(void)arg;
	check_listed(j, message);
	return false;
}

/* The newest time that a known key's cosignature gives a head. */
void
chain_time(struct job *j, const struct head *h)
{
	const struct vkey *keys = j->v->keys;
	int64_t time;

	for (size_t k = 0; k < j->v->n + j->v->old; k++) {
		struct vkey cosigner = vkey_cosigner(&keys[k]);

		for (size_t i = 0; i < h->note.n; i++) {
			const struct note_line *l = &h->note.line[i];

			if (!slice_is(l->name, cosigner.name) || l->id != cosigner.id ||
			    !vkey_verify(&cosigner, h->note.text, l->blob, &time))
				continue;
			if (!j->r->timed || time > j->r->time)
				j->r->time = time;
			j->r->timed = true;
		}
	}
}

/*
 * A head from elsewhere, called file: it must be signed, and go with ours.  *newest: it is ours.
 * Returns true if it does.
 */
static bool
check_head(struct job *j, const char *file, struct slice message, bool *newest)
{
	struct head h = { 0 };
	int fits = 0;

	*newest = false;
	if (head_get(message, &h, NULL) == -1)
		job_cannot(j, AT_FILE, file, "neither a signed head nor a time stamp");
	else if (!slice_eq(h.cp.origin, buf_view(&j->r->origin)))
		job_cannot(j, AT_FILE, file, "a head of another log");
	else
		switch (head_check(&h, j->v->keys, j->v->n + j->v->old)) {
		case HEAD_GOOD:
			fits = compare(j, AT_FILE, file, &h);
			if (fits == -1)
				job_cannot(j, AT_FILE, file, no_tiles);
			*newest = fits == 1 && h.cp.size == j->r->entries;
			break;
		case HEAD_BAD:
			job_cannot(j, AT_FILE, file, "a known key's signature in it is wrong");
			break;
		case HEAD_ORIGIN:
			job_cannot(
			    j, AT_FILE, file, "signed under another name than its origin");
			break;
		default: job_cannot(j, AT_FILE, file, "no signature by a known key"); break;
		}
	if (*newest)
		chain_time(j, &h);
	head_free(&h);
	return fits == 1;
}

struct search {
	const struct token *token;
	struct buf head; /* what it stamps */
};

static bool
each_search(struct job *j, void *arg, struct slice message)
{
	struct search *s = arg;

	(void)j;
	if (!token_stamps(s->token, message))
		return false;
	buf_slice(&s->head, message);
	return true;
}

/* Find the head that a token stamps: the newest, another anchor, or one in the list. */
static bool
find_stamped(struct job *j, struct search *s)
{
	if (each_search(j, s, buf_view(&j->latest.message)))
		return true;
	for (size_t i = 0; i < j->v->anchors; i++)
		if (each_search(j, s, buf_view(&j->v->anchor[i].text)))
			return true;
	return chain_each(j, each_search, s) == 1;
}

static bool
check_token(struct job *j, const struct anchor *a, const struct token *t)
{
	struct search s = { .token = t };
	bool fits = false, newest;
	int64_t time;

	if (j->v->tsa_ca == NULL) {
		job_cannot(j, AT_FILE, a->name, "a time stamp, which needs --tsa-ca");
		return false;
	}
	switch (token_check(t, j->v->tsa_ca, &time)) {
	case TOKEN_CA:
		job_cannot(j, AT_FILE, j->v->tsa_ca, "no certificate in it");
		return false;
	case TOKEN_BAD:
		job_cannot(j, AT_FILE, a->name,
		    "a time stamp that no authority of --tsa-ca has signed");
		return false;
	default: break;
	}
	if (!find_stamped(j, &s)) {
		job_cannot(j, AT_FILE, a->name, "a time stamp of no head that is known here");
	} else {
		fits = check_head(j, a->name, buf_view(&s.head), &newest);
		if (newest && (!j->r->timed || time > j->r->time))
			j->r->time = time;
		j->r->timed |= newest;
	}
	buf_free(&s.head);
	return fits;
}

static void
check_anchor(struct job *j, const struct anchor *a)
{
	struct slice text = buf_view(&a->text);
	struct token *t = text.len > 0 && text.p[0] == 0x30 ? token_get(text) : NULL;
	bool newest;

	j->r->anchors +=
	    t != NULL ? check_token(j, a, t) : check_head(j, a->name, text, &newest);
	token_free(t);
}

static void
check_age(struct job *j)
{
	struct verify_finding f = {
		.kind = FOUND_STALE,
		.place = AT_TREE,
		.file = "checkpoint",
		.words = "the newest head is older than --max-age allows",
		.entry = ALIGN_NONE,
		.copy = ALIGN_NONE,
	};

	if (j->v->max_age < 0)
		return;
	if (!j->r->timed)
		job_cannot(j, AT_TREE, "checkpoint", "no signed time of the head is known");
	else if (j->v->now - j->r->time > j->v->max_age)
		job_found(j, &f);
}

void
chain_check(struct job *j)
{
	damage_open_tiles(j);
	if (!j->v->range.set)
		chain_each(j, each_check, NULL);
	for (size_t i = 0; i < j->v->anchors; i++)
		check_anchor(j, &j->v->anchor[i]);
	check_age(j);
}
