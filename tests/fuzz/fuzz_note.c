/*
 * Notes, heads, lists of heads, keys and tile names from any bytes.
 *
 * The first byte says what the rest is.  Properties: what is read and written again is the same
 * bytes; a note's parts cover it; a list's heads are found alike from its start and from its end.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "log/checkpoint.h"
#include "log/hints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(cond)                                                                             \
	do                                                                                     \
		if (!(cond))                                                                   \
			abort();                                                               \
	while (0)

static void
must_be(struct buf *b, struct slice s)
{
	MUST(slice_eq(buf_view(b), s));
	buf_free(b);
}

static void
try_note(struct slice s)
{
	struct note n = { 0 };
	struct buf b = { 0 };
	struct diag d = { NULL, 0 };

	if (note_get(s, &n, &d) == -1) {
		MUST(d.rule != NULL && d.offset <= s.len);
	} else {
		MUST(n.n >= 1 && n.n <= NOTE_LINES && note_text_ok(s));
		buf_slice(&b, n.text);
		buf_byte(&b, '\n');
		for (size_t i = 0; i < n.n; i++) {
			MUST(n.line[i].blob.len >= 1);
			note_put_line(&b, n.line[i].name, n.line[i].id, n.line[i].blob.p,
			    n.line[i].blob.len);
		}
		must_be(&b, s);
	}
	note_free(&n);
}

static void
try_head(struct slice s)
{
	struct vkey key;
	struct head h = { 0 };

	MUST(vkey_get(SLICE("example.com/log/testdata+33d7b496+"
			    "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"),
		 &key, NULL) == 0);
	if (head_get(s, &h, NULL) == 0) {
		struct buf b = { 0 };

		checkpoint_put(&b, &h.cp);
		MUST(slice_starts(h.note.text, buf_view(&b)));
		buf_free(&b);
		if (head_check(&h, &key, 1) == HEAD_GOOD)
			MUST(h.key == &key && slice_is(h.cp.origin, key.name));
		else
			MUST(!h.timed);
	}
	head_free(&h);
}

static void
try_keys(struct slice s)
{
	struct buf b = { 0 };
	struct skey secret;
	struct vkey key, *keys;
	size_t n;

	if (vkey_get(s, &key, NULL) == 0) {
		MUST(key_name_ok(slice_of(key.name)));
		vkey_put(&b, &key);
		must_be(&b, s);
	}
	if (skey_get(s, &secret, NULL) == 0) {
		skey_put(&b, &secret);
		must_be(&b, s);
		skey_wipe(&secret);
	}
	if (vkeys_get(s, &keys, &n, NULL) == 0) {
		MUST(n > 0);
		free(keys);
	}
}

static void
try_list(struct slice s)
{
	int fd = memfd_create("list", MFD_CLOEXEC);
	struct buf last = { 0 }, message = { 0 };
	struct slice head;
	struct heads *in;
	struct heads_place at;
	int found;

	MUST(fd != -1 && file_write(fd, s) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	in = heads_open(fd);
	while (heads_next(in, &head) == 1) {
		MUST(slice_ends(head, SLICE("\n")) && head.len <= NOTE_MAX);
		buf_reset(&last);
		buf_slice(&last, head);
	}
	found = heads_last(fd, s.len, &message, &at);
	MUST(found == 0 ||
	    (found == 1 && at.end <= s.len && message.len == at.end - 1 - at.start));
	/* A list of nothing but heads, as append writes it, reads the same both ways. */
	if (heads_skipped(in) == 0 && !heads_torn(in) && last.len > 0 && found == 1 &&
	    at.end == s.len)
		MUST(slice_ends(buf_view(&last), buf_view(&message)));
	heads_free(in);
	buf_free(&last);
	buf_free(&message);
	close(fd);
}

static void
try_hint(struct slice s)
{
	struct hint hint;
	struct buf b = { 0 };

	if (hint_get(s, &hint) == 0) {
		hint_put(&b, hint);
		MUST(b.len == s.len); /* digits of either case are read */
		buf_free(&b);
	}
}

/* The file "hints": what is said of a segment can be found in it, and no search leaves it. */
static void
try_hints(struct slice s)
{
	int fd = memfd_create("hints", MFD_CLOEXEC);
	struct hint hint;
	uint64_t first = 0, size = 300;
	bool later;

	MUST(fd != -1 && file_write(fd, s) == 0);
	if (hints_segment(fd, size, &first, &later) == 1)
		MUST(s.len % HINT_LEN == 0 && first <= size &&
		    hints_find(fd, size, &hint) == 1 && hint.index <= size &&
		    hint.index >= first);
	else
		MUST(first <= size);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static void (*const tries[])(
	    struct slice) = { try_note, try_head, try_keys, try_list, try_hint, try_hints };

	if (len > 0 && data[0] >= '0' && data[0] < '0' + (int)(sizeof tries / sizeof *tries))
		tries[data[0] - '0']((struct slice){ (const char *)data + 1, len - 1 });
	return 0;
}
