/* Notes, checkpoints, heads, and the file that lists them. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "log/checkpoint.h"

#define DASH "\xe2\x80\x94 "

static const char *
refused(struct slice message)
{
	struct diag d = { NULL, 0 };
	struct note n = { 0 };
	const char *rule = note_get(message, &n, &d) == -1 ? d.rule : "accepted";

	note_free(&n);
	return rule;
}

#define REFUSED(text, why) CHECK(strcmp(refused(SLICE(text)), why) == 0)

static void
form_of_notes(void)
{
	REFUSED("", "note-syntax");
	REFUSED("text\n", "note-syntax");
	REFUSED("text\n\n", "note-syntax");
	REFUSED("text\n\n" DASH "name AAAAAAA=\n", "accepted");
	REFUSED("\n\n" DASH "name AAAAAAA=\n", "accepted");
	REFUSED("a\n\nb\n\n" DASH "name AAAAAAA=\n", "accepted");
	REFUSED("text\n\n" DASH "name AAAAAAA=", "note-syntax");
	REFUSED("text\n\n" DASH "name AAAAAA==\n", "note-syntax"); /* 4 bytes: no signature */
	REFUSED("text\n\n" DASH "name AAAAAAB=\n", "note-syntax"); /* unused bits */
	REFUSED("text\n\n" DASH " AAAAAAA=\n", "note-syntax");
	REFUSED("text\n\n" DASH "na+me AAAAAAA=\n", "note-syntax");
	REFUSED("text\n\n" DASH "name  AAAAAAA=\n", "note-syntax");
	REFUSED("text\n\n- name AAAAAAA=\n", "note-syntax");
	REFUSED("text\n\n" DASH "name AAAAAAA=\nmore\n", "note-syntax");
	REFUSED("te\0xt\n\n" DASH "name AAAAAAA=\n", "note-utf8");
	REFUSED("te\rxt\n\n" DASH "name AAAAAAA=\n", "note-utf8");
	REFUSED("te\xffxt\n\n" DASH "name AAAAAAA=\n", "note-utf8");
}

static void
number_of_lines(void)
{
	struct buf b = { 0 };
	struct note n = { 0 };

	buf_str(&b, "text\n\n");
	for (int i = 0; i < NOTE_LINES; i++)
		note_put_line(&b, SLICE("name"), (uint32_t)i, "signature", 9);
	CHECK(note_get(buf_view(&b), &n, NULL) == 0 && n.n == NOTE_LINES);
	for (size_t i = 0; i < n.n; i++)
		CHECK(n.line[i].id == i && slice_is(n.line[i].blob, "signature"));
	note_free(&n);
	note_put_line(&b, SLICE("name"), 100, "signature", 9);
	CHECK(strcmp(refused(buf_view(&b)), "note-size") == 0);
	buf_reset(&b);
	for (int i = 0; i < NOTE_MAX; i++)
		buf_byte(&b, 'x');
	buf_str(&b, "\n\n" DASH "name AAAAAAA=\n");
	CHECK(strcmp(refused(buf_view(&b)), "note-size") == 0);
	buf_free(&b);
}

static bool
is_checkpoint(const char *text)
{
	struct checkpoint c;

	return checkpoint_get(slice_of(text), &c, NULL) == 0;
}

#define ROOT "bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=\n"

static void
form_of_checkpoints(void)
{
	CHECK(is_checkpoint("origin\n8\n" ROOT));
	CHECK(is_checkpoint("origin\n0\n" ROOT "extension\n"));
	CHECK(!is_checkpoint("origin\n8\n" ROOT "\n"));
	CHECK(!is_checkpoint("origin\n8\n" ROOT "extension"));
	CHECK(!is_checkpoint("\n8\n" ROOT));
	CHECK(!is_checkpoint("origin\n08\n" ROOT));
	CHECK(!is_checkpoint("origin\n-8\n" ROOT));
	CHECK(!is_checkpoint("origin\n18446744073709551616\n" ROOT));
	CHECK(!is_checkpoint("origin\n8\nAAAA\n"));
	CHECK(!is_checkpoint("origin\n8\n"));
	CHECK(!is_checkpoint(""));
}

/* The key of tessera's testdata/log, whose 16 checkpoints make check-data reads. */
static struct skey test_key;

static void
read_key(void)
{
	CHECK(skey_get(SLICE("PRIVATE+KEY+example.com/log/testdata+33d7b496+"
			     "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"),
		  &test_key, NULL) == 0);
}

static void
make_head(struct buf *b, uint64_t size, int64_t time)
{
	struct hash root = { { 1 } };

	CHECK(head_put(b, &test_key, NULL, size, &root, time) == 0);
}

static enum head_state
state_of(struct slice message, const struct vkey *keys, size_t n)
{
	struct head h = { 0 };
	enum head_state state = HEAD_UNKNOWN;

	if (CHECK(head_get(message, &h, NULL) == 0))
		state = head_check(&h, keys, n);
	head_free(&h);
	return state;
}

static void
signed_heads(void)
{
	struct vkey keys[2] = { test_key.vkey };
	struct buf b = { 0 };
	struct head h = { 0 };

	make_head(&b, 300, 1700000000);
	CHECK(head_get(buf_view(&b), &h, NULL) == 0);
	CHECK(h.note.n == 2 && h.note.line[0].id == keys[0].id);
	CHECK(h.note.line[0].blob.len == KEY_SIG && h.note.line[1].blob.len == KEY_COSIG);
	CHECK(head_check(&h, keys, 0) == HEAD_UNKNOWN);
	CHECK(head_check(&h, keys, 1) == HEAD_GOOD && h.key == &keys[0]);
	CHECK(h.timed && h.time == 1700000000 && h.cp.size == 300);
	head_free(&h);

	keys[1] = vkey_cosigner(&keys[0]); /* by a cosigner's key alone it is no head */
	CHECK(state_of(buf_view(&b), &keys[1], 1) == HEAD_UNKNOWN);
	CHECK(state_of(buf_view(&b), keys, 2) == HEAD_GOOD);
	note_put_line(&b, SLICE("someone else"), 7, "signature", 9);
	buf_free(&b);
}

/* Every byte of a head matters: changed, it is refused, bad or unknown, never good. */
static void
changed_heads(void)
{
	struct vkey key = test_key.vkey;
	struct buf b = { 0 };

	make_head(&b, 300, 1700000000);
	for (size_t i = 0; i < b.len; i++) {
		struct head h = { 0 };
		char was = b.p[i];

		b.p[i] ^= 1;
		if (head_get(buf_view(&b), &h, NULL) == 0)
			/* A changed name or id makes a line a stranger's; the other one still counts. */
			CHECK(head_check(&h, &key, 1) != HEAD_GOOD ||
			    (h.timed == false && slice_eq(h.note.line[0].name, h.cp.origin)));
		head_free(&h);
		b.p[i] = was;
	}
	buf_free(&b);
}

static void
foreign_heads(void)
{
	struct hash root = { { 1 } };
	struct checkpoint c = { SLICE("another.example/log"), 5, root };
	struct buf b = { 0 };
	uint8_t sig[KEY_SIG];

	checkpoint_put(&b, &c);
	CHECK(skey_sign(&test_key, buf_view(&b), sig) == 0);
	buf_byte(&b, '\n');
	note_put_line(&b, slice_of(test_key.vkey.name), test_key.vkey.id, sig, sizeof sig);
	CHECK(state_of(buf_view(&b), &test_key.vkey, 1) == HEAD_ORIGIN);
	note_put_line(&b, SLICE("stranger"), 7, "whatever", 8);
	CHECK(state_of(buf_view(&b), &test_key.vkey, 1) == HEAD_ORIGIN);
	note_put_line(&b, slice_of(test_key.vkey.name), test_key.vkey.id, "whatever", 8);
	CHECK(state_of(buf_view(&b), &test_key.vkey, 1) == HEAD_BAD);
	buf_free(&b);
}

static int
temp_file(struct slice content)
{
	char path[] = "/tmp/test_note.XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	CHECK(fd != -1 && unlink(path) == 0);
	CHECK(file_write(fd, content) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* What both ways of reading "checkpoints" say of it. */
static void
read_list(struct slice content, size_t count, struct slice last, uint64_t end, bool torn)
{
	int fd = temp_file(content);
	struct heads *in = heads_open(fd);
	struct buf message = { 0 };
	struct slice got = { "", 0 };
	struct heads_place at;
	size_t n = 0;

	while (heads_next(in, &got) == 1) {
		n++;
		if (n == count)
			CHECK(slice_eq(got, last));
	}
	CHECK(n == count);
	CHECK(heads_torn(in) == torn);
	CHECK(heads_last(fd, content.len, &message, &at) == (count > 0));
	CHECK(at.end == end);
	CHECK(slice_eq(buf_view(&message), last));
	buf_free(&message);
	heads_free(in);
	close(fd);
}

static void
lists_of_heads(void)
{
	struct buf list = { 0 }, head = { 0 };
	size_t whole;

	read_list(SLICE(""), 0, SLICE(""), 0, false);
	for (size_t i = 1; i <= 100; i++) {
		buf_reset(&head);
		make_head(&head, i, 1700000000 + (int64_t)i);
		buf_slice(&list, buf_view(&head));
		buf_byte(&list, '\n');
		if (i <= 2 || i == 100)
			read_list(buf_view(&list), i, buf_view(&head), list.len, false);
	}
	whole = list.len;
	buf_slice(&list, buf_view(&head));
	for (size_t torn = 1; torn <= head.len; torn += 13)
		read_list(
		    (struct slice){ list.p, whole + torn }, 100, buf_view(&head), whole, true);
	read_list(buf_view(&list), 100, buf_view(&head), whole, true);
	read_list((struct slice){ head.p, head.len }, 0, SLICE(""), 0, true);
	buf_free(&list);
	buf_free(&head);
}

/* A crash can leave zeros where a head was not written yet: the others are read all the same. */
static void
list_with_holes(void)
{
	struct buf list = { 0 }, head[3] = { { 0 }, { 0 }, { 0 } };
	struct heads_place at;

	for (size_t i = 0; i < 3; i++)
		make_head(&head[i], i + 1, 1700000000);
	for (size_t hole = 1; hole <= head[1].len + 1; hole++)
		for (int from_start = 0; from_start < 2; from_start++) {
			struct buf message = { 0 };
			int fd;

			buf_reset(&list);
			for (size_t i = 0; i < 3; i++) {
				buf_slice(&list, buf_view(&head[i]));
				buf_byte(&list, '\n');
			}
			memset(list.p + head[0].len + 1 +
				(from_start ? 0 : head[1].len + 1 - hole),
			    0, hole);
			fd = temp_file(buf_view(&list));
			CHECK(heads_last(fd, list.len, &message, &at) == 1);
			CHECK(slice_eq(buf_view(&message), buf_view(&head[2])));
			CHECK(at.end == list.len && at.start == list.len - head[2].len - 1);
			close(fd);
			buf_free(&message);
			if (!from_start)
				read_list(
				    buf_view(&list), 2, buf_view(&head[2]), list.len, false);
		}
	for (size_t i = 0; i < 3; i++)
		buf_free(&head[i]);
	buf_free(&list);
}

int
main(void)
{
	read_key();
	form_of_notes();
	number_of_lines();
	form_of_checkpoints();
	signed_heads();
	changed_heads();
	foreign_heads();
	lists_of_heads();
	list_with_holes();
	skey_wipe(&test_key);
	return check_done();
}
