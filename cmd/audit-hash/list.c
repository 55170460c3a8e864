#include "list.h"

#include <unistd.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/tool.h"

enum { HEX = 2 * HASH_LEN };

struct entry
entry_next(const struct entry *before, const struct hash *line)
{
	struct entry e = { before->index + 1, *line, { { 0 } } };
	struct hash pair[2] = { before->link, *line };

	sha256((struct slice){ (const char *)pair, sizeof pair }, &e.link);
	return e;
}

void
entry_put(struct buf *b, const struct entry *e)
{
	buf_printf(b, "%llu  ", (unsigned long long)e->index);
	hex_put(b, e->line.b, HASH_LEN);
	buf_str(b, "  ");
	hex_put(b, e->link.b, HASH_LEN);
	buf_byte(b, '\n');
}

/* Two spaces and a hash in lower-case hex, taken off rest. */
static int
get_hash(struct slice *rest, struct hash *h)
{
	struct slice text = { rest->p + 2, HEX };

	if (rest->len < 2 + HEX || rest->p[0] != ' ' || rest->p[1] != ' ' ||
	    hex_get(text, h->b, HASH_LEN) == -1)
		return -1;
	for (size_t i = 0; i < HEX; i++)
		if (text.p[i] >= 'A' && text.p[i] <= 'F')
			return -1;
	rest->p += 2 + HEX;
	rest->len -= 2 + HEX;
	return 0;
}

int
entry_get(struct slice text, struct entry *e)
{
	struct slice rest = text, number = { text.p, 0 };
	unsigned long long index;

	while (number.len < text.len && text.p[number.len] != ' ')
		number.len++;
	rest.p += number.len;
	rest.len -= number.len;
	if (slice_u64(number, UINT64_MAX, &index) == -1 || get_hash(&rest, &e->line) == -1 ||
	    get_hash(&rest, &e->link) == -1 || rest.len != 0)
		return -1;
	e->index = index;
	return 0;
}

int
list_open(struct list *l, const char *path)
{
	*l = (struct list){ .name = tool_file(path), .fd = file_open(path) };
	if (l->fd == -1) {
		warn_errno(l->name);
		return -1;
	}
	l->lines = lines_open(l->fd, LINES_MAX, false);
	return 0;
}

int
list_next(struct list *l)
{
	uint64_t index = l->last.index + 1;
	struct line line;
	int status = lines_next(l->lines, &line);

	if (status == -1)
		warn_errno(l->name);
	if (status != 1)
		return status;
	if (line.too_long || line.torn || entry_get(line.text, &l->last) == -1 ||
	    l->last.index != index) {
		warn_at(l->name, line.number,
		    "not an entry of a list that begins with 1 [list-syntax]");
		return -1;
	}
	return 1;
}

void
list_close(struct list *l)
{
	lines_free(l->lines);
	if (l->fd != -1)
		close(l->fd);
}
