/*
 * Notes, heads, lists of heads and keys from any bytes.
 *
 * The first byte says what the rest is.  Properties: what is read and written again is the same
 * bytes; a note's parts cover it; a list's heads are found alike from its start and from its end.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "fault.h"
#include "log/checkpoint.h"

static void
must_be(struct buf *b, struct slice s)
{
	MUST(slice_eq(buf_view(b), s));
	buf_free(b);
}

static uint64_t
try_note(struct slice s)
{
	struct note n = { 0 };
	struct buf b = { 0 };
	struct diag d = { NULL, 0 };
	bool read = note_get(s, &n, &d) == 0;

	if (!read) {
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
	return ANSWER + read;
}

static uint64_t
try_head(struct slice s)
{
	struct vkey key;
	struct head h = { 0 };
	uint64_t answer = ANSWER;

	MUST(vkey_get(SLICE("example.com/log/testdata+33d7b496+"
			    "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"),
		 &key, NULL) == 0);
	if (head_get(s, &h, NULL) == 0) {
		struct buf b = { 0 };

		checkpoint_put(&b, &h.cp);
		MUST(slice_starts(h.note.text, buf_view(&b)));
		buf_free(&b);
		answer += 1 + (uint64_t)head_check(&h, &key, 1);
		if (h.state == HEAD_GOOD)
			MUST(h.key == &key && slice_is(h.cp.origin, key.name));
		else
			MUST(!h.timed);
	}
	head_free(&h);
	return answer;
}

static uint64_t
try_keys(struct slice s)
{
	struct buf b = { 0 };
	struct skey secret;
	struct vkey key, *keys;
	uint64_t answer = ANSWER;
	size_t n;

	if (vkey_get(s, &key, NULL) == 0) {
		MUST(key_name_ok(slice_of(key.name)));
		vkey_put(&b, &key);
		must_be(&b, s);
		answer |= 2;
	}
	if (skey_get(s, &secret, NULL) == 0) {
		skey_put(&b, &secret);
		must_be(&b, s);
		skey_wipe(&secret);
		answer |= 4;
	}
	if (vkeys_get(s, &keys, &n, NULL) == 0) {
		MUST(n > 0);
		free(keys);
		answer |= 8;
	}
	return answer;
}

static uint64_t
try_list(struct slice s)
{
	int fd = memfd_create("list", MFD_CLOEXEC), found, more;
	struct buf last = { 0 }, message = { 0 };
	struct slice head;
	struct heads *in;
	struct heads_place at;
	uint64_t answer = ANSWER;

	MUST(fd != -1 && file_write(fd, s) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	fault_on();
	in = heads_open(fd);
	while ((more = heads_next(in, &head)) == 1) {
		MUST(slice_ends(head, SLICE("\n")) && head.len <= NOTE_MAX);
		buf_reset(&last);
		buf_slice(&last, head);
		answer = answer_add(answer, head);
	}
	found = heads_last(fd, s.len, &message, &at);
	fault_off();
	MUST((more == 0 && found != -1) || fault_hit());
	MUST(found != 1 || (at.end <= s.len && message.len == at.end - 1 - at.start));
	/* A list of nothing but heads, as append writes it, reads the same both ways. */
	if (more == 0 && heads_skipped(in) == 0 && !heads_torn(in) && last.len > 0 &&
	    found == 1 && at.end == s.len)
		MUST(slice_ends(buf_view(&last), buf_view(&message)));
	answer = answer_number(answer_add(answer, buf_view(&message)), heads_skipped(in));
	heads_free(in);
	buf_free(&last);
	buf_free(&message);
	close(fd);
	return more == 0 && found != -1 ? answer : CANNOT;
}

uint64_t
trial(struct slice input)
{
	static uint64_t (*const tries[])(
	    struct slice) = { try_note, try_head, try_keys, try_list };
	unsigned which = input.len > 0 ? (unsigned)(uint8_t)input.p[0] - '0' : 4;
	uint64_t answer;

	if (which >= sizeof tries / sizeof *tries)
		return CANNOT;
	if (which < 3)
		fault_on(); /* nothing but memory to fail */
	answer = tries[which]((struct slice){ input.p + 1, input.len - 1 });
	fault_off();
	return answer;
}
