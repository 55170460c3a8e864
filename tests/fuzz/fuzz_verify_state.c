/*
 * What an incremental audit-verify remembers (--state), any bytes, and what it then says.
 *
 * Input "r" is followed by the file, "v" by a byte of flags (1: the root is another; 2: the origin
 * is; 4: a byte of the log is another), size, run and the place of the bent byte, two bytes each.
 * Properties: what is read is written the same; a file that is not fit for the log changes no
 * answer; with one that is, what is bent is found if it is new or due, and what is intact is never
 * called anything else; the file is only replaced after ok, and whole.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "fault.h"
#include "log/memo.h"
#include "log/tree.h"
#include "world.h"

enum { OTHER_ROOT = 1, OTHER_ORIGIN = 2, BENT = 4, TILE = 256 };

static bool
try_text(struct slice text)
{
	struct memo m = { 0 };
	struct buf b = { 0 };
	struct diag d = { NULL, 0 };
	bool read;

	fault_on();
	read = memo_get(text, &m, &d) == 0;
	if (read)
		memo_put(&b, &m);
	fault_off();
	MUST(read ? slice_eq(buf_view(&b), text) : d.rule != NULL);
	memo_free(&m);
	buf_free(&b);
	return read;
}

/* Once more with the right sum, which hides the rest. */
static void
try_summed(struct slice text)
{
	struct buf b = { 0 };
	struct hash sum;

	buf_slice(&b, text);
	sha256(buf_view(&b), &sum);
	buf_str(&b, "sha256 ");
	hex_put(&b, sum.b, HASH_LEN);
	buf_byte(&b, '\n');
	try_text(buf_view(&b));
	buf_free(&b);
}

/* What audit-verify says, but for how much it read; and what became of the file. */
static uint64_t
verify(const struct world *w, struct slice state, enum tool_status *status, bool *full)
{
	struct world_ask ask = { .old = true, .live = true, .state = w->state };
	struct buf now = { 0 };
	uint64_t answer;
	bool same;

	world_put(w->state, state);
	*status = world_verify(&ask);
	*full = ask.full;
	answer = world_answer(&ask, *status);
	MUST(file_load(w->state, 1 << 22, &now) == 0);
	same = slice_eq(buf_view(&now), state);
	if (*status == TOOL_NO || (*status == TOOL_TROUBLE && !fault_hit()))
		MUST(same);
	if (*status == TOOL_OK)
		MUST(!same || fault_hit());
	if (!same) {
		struct memo m = { 0 };

		MUST(memo_get(buf_view(&now), &m, NULL) == 0);
		MUST(m.size == WORLD_SIZE && hash_eq(&m.root, &w->root));
		memo_free(&m);
	}
	buf_free(&now);
	buf_free(&ask.text);
	return answer;
}

/* The entry in whose line a byte was changed, of either segment. */
static uint64_t
bend(const struct world *w, uint64_t at)
{
	struct buf text = { 0 };
	const char *path = at % 2 != 0 ? w->old : w->log;
	uint64_t entry = at % 2 != 0 ? 0 : WORLD_OLD;

	MUST(file_load(path, 1 << 20, &text) == 0);
	at = at / 2 % text.len;
	if (text.p[at] == '\n')
		at--;
	text.p[at] ^= 1;
	for (size_t i = 0; i < at; i++)
		entry += text.p[i] == '\n';
	world_put(path, buf_view(&text));
	buf_free(&text);
	return entry;
}

/* The root of the world's first size entries. */
static void
root_of(uint64_t size, struct hash *root)
{
	struct frontier *f = xzalloc(1, sizeof *f);
	struct buf line = { 0 };
	struct hash leaf;

	for (uint64_t i = 0; i < size; i++) {
		buf_reset(&line);
		buf_printf(&line, "{\"entry\": %llu}", (unsigned long long)i);
		tree_leaf(buf_view(&line), &leaf);
		MUST(frontier_add(f, &leaf, 1, NULL, NULL) == 0);
	}
	if (size == 0)
		tree_empty(root);
	else
		frontier_root(f, root);
	buf_free(&line);
	free(f);
}

static unsigned
two(struct slice s, size_t at)
{
	return (unsigned)(uint8_t)s.p[at] << 8 | (uint8_t)s.p[at + 1];
}

static uint64_t
try_log(const struct world *w, struct slice in)
{
	unsigned flags = (uint8_t)in.p[0];
	struct memo m = { .size = two(in, 1) % (WORLD_SIZE + 50), .run = two(in, 3) };
	struct buf state = { 0 };
	uint64_t answer, entry = 0;
	enum tool_status status;
	bool fit, due = true, full;

	buf_str(
	    &m.origin, (flags & OTHER_ORIGIN) != 0 ? "log.example/other" : "log.example/fuzz");
	root_of(m.size < WORLD_SIZE ? m.size : WORLD_SIZE, &m.root);
	m.root.b[0] ^= (flags & OTHER_ROOT) != 0;
	memo_put(&state, &m);
	fit = (flags & (OTHER_ROOT | OTHER_ORIGIN)) == 0 && m.size <= WORLD_SIZE;
	if ((flags & BENT) != 0) {
		entry = bend(w, two(in, 5));
		due = !fit || entry >= m.size || entry >= WORLD_SIZE / TILE * TILE ||
		    entry / TILE % MEMO_CYCLE == m.run % MEMO_CYCLE;
	}
	answer = verify(w, buf_view(&state), &status, &full);
	if (!fault_any()) {
		MUST(status != TOOL_TROUBLE);
		MUST(status == TOOL_NO || (flags & BENT) == 0 || !due);
		MUST(status == TOOL_OK || (flags & BENT) != 0);
		MUST(full == (!fit || status == TOOL_NO));
	}
	if (!due && answer != CANNOT)
		answer = ANSWER; /* for lack of something all may be read, and more found */
	memo_free(&m);
	buf_free(&state);
	return answer;
}

/* Any file that can be read as none: all is read. */
static uint64_t
try_unread(const struct world *w, struct slice text)
{
	enum tool_status status;
	uint64_t answer;
	bool full;

	answer = verify(w, text, &status, &full);
	MUST(fault_hit() || status == TOOL_OK);
	return answer;
}

uint64_t
trial(struct slice input)
{
	const struct world *w = world_get();
	struct slice rest = { input.p + 1, input.len - 1 };

	world_restore();
	if (input.len > 0 && input.p[0] == 'r') {
		bool read = try_text(rest);

		try_summed(rest);
		return read ? ANSWER : try_unread(w, rest);
	}
	if (input.len > 7 && input.p[0] == 'v')
		return try_log(w, rest);
	return CANNOT;
}
