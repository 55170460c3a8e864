/* A proof instead of a log: of one entry, or that a head goes on from an older one. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/lines.h"
#include "log/proof.h"
#include "settings.h"

struct check {
	struct settings *s;
	struct buf text; /* of the proof's file */
	struct proof_file file;
	struct head head;
	struct sha256 *sha; /* of an entry too long for the buffer */
	bool hashing;
};

static int
cannot(struct check *c, const char *why)
{
	return settings_cannot(c->s, c->s->proof, why);
}

static void
found(struct check *c, const struct verify_finding *f)
{
	struct verify_result *r = &c->s->report.result;

	r->findings++;
	r->kinds[f->kind]++;
	report_found(&c->s->report, f);
}

/* A finding about the proof's file. */
static struct verify_finding
about(const struct check *c, enum finding_kind kind)
{
	return (struct verify_finding){
		.kind = kind,
		.place = AT_FILE,
		.file = c->s->proof,
		.entry = ALIGN_NONE,
		.copy = ALIGN_NONE,
	};
}

/* A note that must be a head, by one of n keys.  Returns 0, or -1: cannot verify. */
static int
judge(struct check *c, const char *file, struct slice message, size_t n, struct head *h)
{
	if (head_get(message, h, NULL) == -1)
		return settings_cannot(c->s, file, "the head is no signed note");
	switch (head_check(h, c->s->keys, n)) {
	case HEAD_GOOD: return 0;
	case HEAD_BAD: return settings_cannot(c->s, file, "the head's signature is wrong");
	case HEAD_ORIGIN:
		return settings_cannot(
		    c->s, file, "the head is signed under another name than its origin");
	default: return settings_cannot(c->s, file, "the head has no signature by a known key");
	}
}

/*
 * Unknown signature lines are no one's business; but one with the log's key id under another name, or
 * what should be its cosignature with another id, was one of the log's before it was changed.
 */
static bool
lines_whole(const struct head *h)
{
	struct vkey cosigner = vkey_cosigner(h->key);
	bool behind = false;

	for (size_t i = 0; i < h->note.n; i++) {
		const struct note_line *l = &h->note.line[i];
		bool named = slice_eq(l->name, h->cp.origin);
		bool ours = l->id == h->key->id || l->id == cosigner.id;

		if (named ? behind && !ours && l->blob.len == KEY_COSIG : ours)
			return false;
		behind |= named && l->id == h->key->id;
	}
	return true;
}

/* The proof's own head.  Returns 0; -1: cannot verify, or found damaged. */
static int
judge_own(struct check *c)
{
	struct verify_finding f = about(c, FOUND_HEAD_DAMAGED);
	struct verify_result *r = &c->s->report.result;

	if (judge(c, c->s->proof, c->file.head, c->s->n, &c->head) == -1) {
		if (c->head.state != HEAD_BAD)
			return -1;
		c->s->report.reason = NULL;
		f.words = "the signature by a known key is not of this head";
		found(c, &f);
		return -1;
	}
	if (!lines_whole(&c->head))
		return cannot(c, "a signature line of the head was changed");
	r->head = true;
	buf_slice(&r->origin, c->head.cp.origin);
	r->entries = c->head.cp.size;
	r->root = c->head.cp.root;
	r->key = c->head.key->id;
	r->timed = c->head.timed;
	r->time = c->head.time;
	return 0;
}

static void
on_long(void *arg, struct slice piece)
{
	struct check *c = arg;

	if (!c->hashing) {
		sha256_begin(c->sha);
		sha256_add(c->sha, "", 1);
	}
	c->hashing = true;
	sha256_add(c->sha, piece.p, piece.len);
}

/* The leaf of the file's one line.  Returns 0, or -1 with the reason. */
static int
read_entry(struct check *c, int fd, const char *path, struct hash *leaf)
{
	struct lines *in = lines_open(fd, LINES_MAX, false);
	struct line line;
	int more;

	c->sha = sha256_new();
	lines_on_long(in, on_long, c);
	more = lines_next(in, &line);
	if (more == 1) {
		if (c->hashing)
			sha256_end(c->sha, leaf);
		else
			tree_leaf(line.text, leaf);
		more = lines_next(in, &line) == 0 ? 1 : 2;
	}
	if (more == -1)
		settings_cannot(c->s, path, strerror(errno));
	else if (more != 1)
		settings_cannot(c->s, path, "not one line");
	sha256_free(c->sha);
	lines_free(in);
	return more == 1 ? 0 : -1;
}

static int
get_leaf(struct check *c, struct hash *leaf)
{
	const char *path = c->s->entry;
	int fd, status;

	if (c->s->leaf != NULL)
		return hex_get(slice_of(c->s->leaf), leaf->b, HASH_LEN) == 0
		    ? 0
		    : settings_cannot(c->s, "--leaf", "not 64 hexadecimal digits");
	fd = file_open(path);
	if (fd == -1)
		return settings_cannot(c->s, path, strerror(errno));
	status = read_entry(c, fd, tool_file(path), leaf);
	close(fd);
	return status;
}

static void
check_entry(struct check *c)
{
	const struct checkpoint *cp = &c->head.cp;
	struct verify_finding f = about(c, FOUND_MODIFIED);
	struct hash leaf;

	if (tlog_proof_get(buf_view(&c->text), &c->file, NULL) == -1) {
		cannot(c, "not a tlog-proof");
		return;
	}
	if (get_leaf(c, &leaf) == -1 || judge_own(c) == -1)
		return;
	f.entry = c->file.number;
	f.count = 1;
	if (!proof_includes(c->file.number, cp->size, &leaf, &cp->root, &c->file.proof))
		found(c, &f);
	buf_printf(&c->s->checked, "entry %llu of %llu", (unsigned long long)c->file.number,
	    (unsigned long long)cp->size);
}

/* Does the proof's head go on from the older one? */
static bool
goes_on(const struct check *c, const struct checkpoint *old)
{
	struct hash none;

	if (old->size > 0)
		return proof_extends(
		    old->size, &old->root, c->head.cp.size, &c->head.cp.root, &c->file.proof);
	tree_empty(&none);
	return c->file.proof.n == 0 && hash_eq(&old->root, &none);
}

/* Two heads that do not go together, each signed: that is the proof of a fork. */
static void
show_fork(struct check *c, const struct head *old)
{
	struct verify_finding f = about(c, FOUND_FORK);

	f.words = "a signed head is not the beginning of it";
	f.ours = c->head.message;
	f.theirs = old->message;
	found(c, &f);
}

static void
compare(struct check *c, const struct head *old)
{
	if (!slice_eq(old->cp.origin, c->head.cp.origin))
		settings_cannot(c->s, c->s->anchor[0], "a head of another log");
	else if (old->cp.size != c->file.number)
		settings_cannot(
		    c->s, c->s->anchor[0], "not of the size from which the proof leads on");
	else if (!goes_on(c, &old->cp))
		show_fork(c, old);
	buf_printf(&c->s->checked, "%llu entries, the first %llu as they were",
	    (unsigned long long)c->head.cp.size, (unsigned long long)old->cp.size);
}

static void
check_growth(struct check *c)
{
	const char *path = c->s->anchor[0];
	struct buf text = { 0 };
	struct head old = { 0 };

	if (witness_body_get(buf_view(&c->text), &c->file, NULL) == -1)
		cannot(c, "not a consistency proof");
	else if (file_load(path, NOTE_MAX, &text) == -1)
		settings_cannot(c->s, path, strerror(errno));
	else if (judge_own(c) == 0 && judge(c, path, buf_view(&text), c->s->all, &old) == 0)
		compare(c, &old);
	head_free(&old);
	buf_free(&text);
}

void
proof_verify(struct settings *s)
{
	struct check c = { .s = s };

	if (settings_keys(s) == 0) {
		if (file_load(s->proof, PROOF_FILE_MAX, &c.text) == -1)
			cannot(&c, strerror(errno));
		else if (s->anchors > 0)
			check_growth(&c);
		else
			check_entry(&c);
	}
	head_free(&c.head);
	buf_free(&c.text);
	s->report.checked = buf_cstr(&s->checked);
}
