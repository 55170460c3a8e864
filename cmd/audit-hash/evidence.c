#include "evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit-hash.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/out.h"
#include "log/place.h"

/* RFC 8410: what stands before 32 bytes of Ed25519 key in DER. */
static const uint8_t spki[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03,
	0x21, 0x00 };

struct make {
	const struct evidence *e;
	uint64_t first, last;
	bool made;      /* DIR is ours */
	int dir, proof; /* DIR and DIR/proof */
	int lines;
	struct buf text; /* of lines, not written yet */
	enum tile_state state;
};

static int
say_errno(const struct make *m, const char *file)
{
	warn("%s/%s: %s", m->e->dir, file, strerror(errno));
	return -1;
}

static void
parse_range(struct make *m)
{
	struct slice rest = slice_of(m->e->range), part;
	unsigned long long a, b;

	if (!slice_cut(&rest, ',', &part) || slice_u64(part, INT64_MAX, &a) == -1 ||
	    slice_u64(rest, INT64_MAX, &b) == -1 || a > b)
		die_usage("option --range: not A,B with the first and the last entry");
	m->first = a;
	m->last = b;
}

/* The head must be by the key; its signature line's number goes into w. */
static int
check_head(const struct make *m, struct evidence_words *w, struct vkey *key)
{
	struct head *h = &m->e->sealed->head;
	enum head_state state;
	struct vkey *keys;
	struct slice rest;
	size_t n;

	if (keys_public(m->e->pubkey, &keys, &n) == -1)
		return -1;
	state = head_check(h, keys, n);
	if (state == HEAD_GOOD) {
		*key = *h->key;
		w->text = 0;
		for (rest = h->note.text; rest.len > 0; w->text++)
			slice_cut(&rest, '\n', &(struct slice){ NULL, 0 });
		for (size_t i = 0; i < h->note.n; i++)
			if (h->note.line[i].id == key->id &&
			    slice_is(h->note.line[i].name, key->name))
				w->line = w->text + 2 + (unsigned)i;
	} else {
		warn("%s/checkpoint: the head %s [%s]", m->e->tree,
		    state == HEAD_BAD ? "has a wrong signature"
				      : "has no signature by a known key",
		    state == HEAD_BAD ? "head-damaged" : "key-other");
	}
	h->key = NULL;
	free(keys);
	return state == HEAD_GOOD ? 0 : -1;
}

static int
write_file(int dir, const char *name, mode_t mode, struct slice text)
{
	int fd = place_open(dir, name, O_WRONLY | O_CREAT, mode, NULL), status;

	if (fd == -1)
		return -1;
	status = file_write(fd, text) == 0 && fsync(fd) == 0 ? 0 : -1;
	place_close(fd);
	return status;
}

static int
write_proof(struct make *m, uint64_t index)
{
	struct sealed *s = m->e->sealed;
	struct proof_file f = { .number = index, .head = buf_view(&s->message) };
	struct buf text = { 0 }, name = { 0 };
	int status = -1;

	m->state = proof_inclusion(&s->tree, index, NULL, &f.proof);
	buf_printf(&name, "%llu.tlog-proof", (unsigned long long)index);
	if (m->state != TILE_GOOD) {
		say_tile(m->e->tree, &s->tree.bad, m->state);
	} else {
		tlog_proof_put(&text, &f);
		status = write_file(m->proof, buf_cstr(&name), 0640, buf_view(&text));
		if (status == -1)
			say_errno(m, name.p);
	}
	buf_free(&text);
	buf_free(&name);
	return status;
}

static int
take(void *arg, uint64_t index, struct slice line)
{
	struct make *m = arg;

	buf_slice(&m->text, line);
	buf_byte(&m->text, '\n');
	if (file_write(m->lines, buf_view(&m->text)) == -1)
		return say_errno(m, "lines");
	buf_reset(&m->text);
	return write_proof(m, index);
}

static int
write_lines(struct make *m)
{
	struct export e = { .sealed = m->e->sealed,
		.records = &m->e->operands->records,
		.entry = take,
		.arg = m,
		.first = m->first,
		.last = m->last };
	int status;

	m->lines = place_open(m->dir, "lines", O_WRONLY | O_CREAT, 0640, NULL);
	if (m->lines == -1)
		return say_errno(m, "lines");
	status = export_lines(&e);
	if (status == -1)
		export_say(m->e->log, m->e->tree, m->e->operands, &e);
	else if (fsync(m->lines) == -1)
		status = say_errno(m, "lines");
	place_close(m->lines);
	return status;
}

static void
put_pem(struct buf *b, const struct vkey *key)
{
	struct buf der = { 0 };

	buf_add(&der, spki, sizeof spki);
	buf_add(&der, key->pub, KEY_BYTES);
	buf_str(b, "-----BEGIN PUBLIC KEY-----\n");
	base64_put(b, der.p, der.len);
	buf_str(b, "\n-----END PUBLIC KEY-----\n");
	buf_free(&der);
}

/* All but lines and proofs. */
static int
write_rest(struct make *m, const struct evidence_words *w, const struct vkey *key)
{
	struct buf readme = { 0 }, script = { 0 }, pem = { 0 };
	const struct {
		const char *name;
		mode_t mode;
		struct slice text;
	} files[] = {
		{ "README", 0640, (evidence_readme(&readme, w), buf_view(&readme)) },
		{ "check.sh", 0750, (evidence_script(&script, w), buf_view(&script)) },
		{ "key.pem", 0640, (put_pem(&pem, key), buf_view(&pem)) },
		{ "head", 0640, buf_view(&m->e->sealed->message) },
	};
	int status = 0;

	for (size_t i = 0; i < sizeof files / sizeof *files && status == 0; i++)
		if (write_file(m->dir, files[i].name, files[i].mode, files[i].text) == -1)
			status = say_errno(m, files[i].name);
	buf_free(&readme);
	buf_free(&script);
	buf_free(&pem);
	return status;
}

/* Nothing of a bundle that is not whole stays. */
static void
undo(const struct make *m)
{
	static const char *const names[] = { "README", "check.sh", "key.pem", "head", "lines" };
	struct buf name = { 0 };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlinkat(m->dir, names[i], 0);
	for (uint64_t i = m->first; i <= m->last; i++) {
		buf_reset(&name);
		buf_printf(&name, "%llu.tlog-proof", (unsigned long long)i);
		if (unlinkat(m->proof, buf_cstr(&name), 0) == -1)
			break; /* they are written in order */
	}
	unlinkat(m->dir, "proof", AT_REMOVEDIR);
	rmdir(m->e->dir);
	buf_free(&name);
}

static int
open_dir(struct make *m)
{
	bool made;

	if (place_make_dir(AT_FDCWD, m->e->dir, &made) == -1 || !made) {
		errno = errno == 0 || !made ? EEXIST : errno;
		warn_errno(m->e->dir);
		return -1;
	}
	m->made = true;
	m->dir = open(m->e->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->dir != -1 && place_make_dir(m->dir, "proof", NULL) == 0)
		m->proof = openat(m->dir, "proof", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return m->proof == -1 ? say_errno(m, "proof") : 0;
}

static int
fill(struct make *m, const struct evidence_words *w, const struct vkey *key)
{
	int status = open_dir(m);

	if (status == 0) {
		status = write_lines(m);
		if (status == 0)
			status = write_rest(m, w, key);
		if (status == 0 && (fsync(m->proof) == -1 || fsync(m->dir) == -1))
			status = say_errno(m, ".");
	}
	if (status == -1 && m->made)
		undo(m);
	place_close(m->proof);
	place_close(m->dir);
	buf_free(&m->text);
	return status;
}

int
evidence_make(const struct evidence *e)
{
	struct make m = { .e = e, .dir = -1, .proof = -1, .lines = -1 };
	struct evidence_words w = { 0 };
	struct vkey key;

	parse_range(&m);
	if (check_head(&m, &w, &key) == -1)
		return -1;
	w.first = m.first;
	w.last = m.last;
	w.size = e->sealed->tree.size;
	w.origin = e->sealed->head.cp.origin;
	if (m.last >= w.size) {
		warn("%s: its head has %llu entries, fewer than --range says [not-in-log]",
		    e->log, (unsigned long long)w.size);
		return -1;
	}
	return fill(&m, &w, &key);
}
