/* A log that others made: its entries are the bundles in its tree. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/progress.h"
#include "log/bundles.h"
#include "log/latest.h"
#include "log/proof.h"
#include "settings.h"

/* What is wrong with a head, as far as its state says; NULL for nothing. */
static const char *
trouble(enum head_state state)
{
	switch (state) {
	case HEAD_ORIGIN: return "the head is signed under another name than its origin";
	case HEAD_UNKNOWN: return "the head has no signature by a known key";
	default: return NULL;
	}
}

static void
note_head(struct verify_result *r, const struct head *h)
{
	r->head = true;
	buf_slice(&r->origin, h->cp.origin);
	r->entries = h->cp.size;
	r->root = h->cp.root;
	r->key = h->key->id;
	r->timed = h->timed;
	r->time = h->time;
}

/* A finding about a head's file. */
static void
found_head(struct settings *s, const char *file, enum finding_kind kind, const char *words)
{
	struct verify_finding f = { .kind = kind,
		.place = file == NULL ? AT_TREE : AT_FILE,
		.file = file == NULL ? "checkpoint" : file,
		.words = words,
		.entry = ALIGN_NONE,
		.copy = ALIGN_NONE };

	s->report.result.findings++;
	s->report.result.kinds[kind]++;
	report_found(&s->report, &f);
}

/* A signed head that does not go with ours. */
static void
found_other(
    struct settings *s, const char *file, const struct head *ours, const struct head *old)
{
	bool longer = old->cp.size > ours->cp.size;
	struct verify_finding f = { .kind = longer ? FOUND_ROLLBACK : FOUND_FORK,
		.place = AT_FILE,
		.file = file,
		.words = longer
		    ? NULL
		    : "a signed head of an older state that this one did not come from",
		.entry = longer ? ours->cp.size : ALIGN_NONE,
		.count = longer ? old->cp.size - ours->cp.size : 0,
		.copy = ALIGN_NONE,
		.ours = ours->message,
		.theirs = old->message };

	s->report.result.findings++;
	s->report.result.kinds[f.kind]++;
	report_found(&s->report, &f);
}

/* Is the older head in file a beginning of the tree?  Returns 0, or -1: cannot verify. */
static int
compare_anchor(struct settings *s, const char *file, const struct head *h, struct proof_tree *t,
    const struct head *old)
{
	struct hash root;

	if (old->state != HEAD_GOOD)
		return settings_cannot(s, file,
		    old->state == HEAD_BAD ? "the head's signature is wrong"
					   : trouble(old->state));
	if (!slice_eq(old->cp.origin, h->cp.origin))
		return settings_cannot(s, file, "a head of another log");
	if (old->cp.size > h->cp.size) {
		found_other(s, file, h, old);
		return 0;
	}
	if (proof_root(t, old->cp.size, &root) != TILE_GOOD)
		return settings_cannot(s, file, "the tiles that would tell are missing");
	if (hash_eq(&root, &old->cp.root))
		s->report.result.anchors++;
	else
		found_other(s, file, h, old);
	return 0;
}

/* The entries are those of the head: are the older heads, too? */
static void
check_anchors(struct settings *s, const struct head *h, int tree)
{
	struct proof_tree t = { tiles_open(tree, h->cp.size, &h->cp.root), h->cp.size,
		{ 0, 0, 0 } };
	int status = 0;

	for (size_t i = 0; i < s->anchors && status == 0; i++) {
		struct buf text = { 0 };
		struct head old = { 0 };

		if (file_load(s->anchor[i], NOTE_MAX, &text) == -1)
			status = settings_cannot(s, s->anchor[i], strerror(errno));
		else if (head_get(buf_view(&text), &old, NULL) == -1)
			status = settings_cannot(s, s->anchor[i], "not a signed head");
		else {
			head_check(&old, s->keys, s->all);
			status = compare_anchor(s, s->anchor[i], h, &t, &old);
		}
		head_free(&old);
		buf_free(&text);
	}
	tiles_free(t.tiles);
}

static void
verify(struct settings *s, const struct head *h, int tree, const char *file)
{
	struct bundles b = { tree, h, &s->report, report_found };

	if (h->state == HEAD_BAD) {
		found_head(s, file, FOUND_HEAD_DAMAGED,
		    "the signature by a known key is not of this head");
	} else if (h->state != HEAD_GOOD) {
		settings_cannot(s, file == NULL ? s->report.tree : file, trouble(h->state));
	} else {
		note_head(&s->report.result, h);
		progress_start(0, s->progress);
		bundles_verify(&b, &s->report.result);
		progress_end();
		if (s->report.result.state == VERIFY_DONE)
			check_anchors(s, h, tree);
	}
}

/* By the tree's own head, and what its list of heads says to that. */
static void
by_own_head(struct settings *s, int tree)
{
	struct latest l = { 0 };

	if (latest_read(tree, s->keys, s->n, s->all - s->n, &l) == -1) {
		settings_cannot(s, s->report.tree,
		    l.file == NULL ? "the head is no signed note" : strerror(errno));
	} else {
		if (l.head.state == HEAD_GOOD && l.longer > 0)
			found_head(s, NULL, FOUND_ROLLBACK,
			    "a longer head stands in the list of heads");
		if (l.head.state == HEAD_GOOD && l.fork)
			found_head(s, NULL, FOUND_FORK,
			    "a signed head of the same size has another root");
		verify(s, &l.head, tree, NULL);
	}
	latest_free(&l);
}

static void
by_head(struct settings *s, int tree)
{
	struct buf message = { 0 };
	struct head h = { 0 };

	if (file_load(s->checkpoint, NOTE_MAX, &message) == -1) {
		settings_cannot(s, s->checkpoint, strerror(errno));
	} else if (head_get(buf_view(&message), &h, NULL) == -1) {
		settings_cannot(s, s->checkpoint, "the head is no signed note");
	} else {
		head_check(&h, s->keys, s->n);
		verify(s, &h, tree, s->checkpoint);
	}
	head_free(&h);
	buf_free(&message);
}

void
bundles_run(struct settings *s)
{
	int tree = -1;

	if (settings_keys(s) == -1)
		return;
	tree = open(s->report.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree == -1)
		settings_cannot(s, s->report.tree, strerror(errno));
	else if (s->checkpoint != NULL)
		by_head(s, tree);
	else
		by_own_head(s, tree);
	if (tree != -1)
		close(tree);
}
