#include "event/shape.h"

static const char record[] = ""; /* the path of the record itself */

void
shape_begin(struct shape *s)
{
	s->in = record;
	s->empty = true;
	buf_byte(s->b, '{');
}

/* Cut the first part off a path. */
static struct slice
first_part(const char **path)
{
	const char *end = strchrnul(*path, '.');
	struct slice part = { *path, (size_t)(end - *path) };

	*path = *end == '.' ? end + 1 : end;
	return part;
}

/* Where the two paths part: behind the last '.' of what they share, or at the end of one. */
static size_t
shared(const char *a, const char *b)
{
	size_t same = 0, i = 0;

	for (; a[i] == b[i] && a[i] != '\0'; i++)
		if (a[i] == '.')
			same = i + 1;
	if (i > 0 && a[i] == '\0' && b[i] == '.')
		return i + 1;
	if (i > 0 && b[i] == '\0' && a[i] == '.')
		return i + 1;
	return same;
}

/* The rest of path behind its first n bytes, of which the last may be its end. */
static const char *
behind(const char *path, size_t n)
{
	return n > strlen(path) ? path + n - 1 : path + n;
}

/* Are the parts elements of one array? */
static bool
siblings(struct slice a, struct slice b)
{
	const char *tag = memchr(a.p, '#', a.len);
	size_t name = tag != NULL ? (size_t)(tag - a.p) + 1 : 0;

	return name > 0 && b.len >= name && memcmp(a.p, b.p, name) == 0;
}

/* Close the objects of path, innermost first. */
static void
close_all(struct shape *s, const char *path)
{
	struct slice part;

	if (*path == '\0')
		return;
	part = first_part(&path);
	close_all(s, path);
	buf_slice(s->b, memchr(part.p, '#', part.len) != NULL ? SLICE("}]") : SLICE("}"));
	s->empty = false;
}

static void
comma(struct shape *s)
{
	if (!s->empty)
		buf_slice(s->b, SLICE(", "));
}

static void
open_all(struct shape *s, const char *path)
{
	while (*path != '\0') {
		struct slice part = first_part(&path);
		const char *tag = memchr(part.p, '#', part.len);

		comma(s);
		buf_byte(s->b, '"');
		buf_add(s->b, part.p, tag != NULL ? (size_t)(tag - part.p) : part.len);
		buf_slice(s->b, tag != NULL ? SLICE("\": [{") : SLICE("\": {"));
		s->empty = true;
	}
}

static void
move(struct shape *s, const char *to)
{
	size_t same = shared(s->in, to);
	const char *from_rest = behind(s->in, same), *to_rest = behind(to, same);
	const char *from_next = from_rest, *to_next = to_rest;

	if (siblings(first_part(&from_next), first_part(&to_next))) {
		close_all(s, from_next);
		buf_slice(s->b, SLICE("}, {"));
		s->empty = true;
		to_rest = to_next;
	} else {
		close_all(s, from_rest);
	}
	open_all(s, to_rest);
}

/* Find the way by going it. */
static void
go(struct shape *s, const char *in, const char *key)
{
	if (strcmp(in, s->in) != 0)
		move(s, in);
	comma(s);
	buf_byte(s->b, '"');
	buf_str(s->b, key);
	buf_slice(s->b, SLICE("\": "));
}

static struct way *
way_of(struct shape *s, const char *in, const char *key)
{
	uint64_t mix = (uint64_t)(uintptr_t)s->in * 3 + (uint64_t)(uintptr_t)in * 5 +
	    (uint64_t)(uintptr_t)key * 7 + s->empty;

	return &s->ways[mix * UINT64_C(0x9e3779b97f4a7c15) >> 56 & (SHAPE_WAYS - 1)];
}

void
shape_at(struct shape *s, const char *in, const char *key)
{
	const char *to = in == NULL ? record : in;
	struct way *way = way_of(s, to, key);
	size_t start = s->b->len, len;

	if (way->key == key && way->in == to && way->from == s->in && way->empty == s->empty) {
		memcpy(buf_reserve(s->b, sizeof way->text), way->text, sizeof way->text);
		s->b->len += way->len;
	} else {
		struct way found = { .from = s->in, .in = to, .key = key, .empty = s->empty };

		go(s, to, key);
		len = s->b->len - start;
		if (len <= sizeof found.text) {
			memcpy(found.text, s->b->p + start, len);
			found.len = (uint8_t)len;
			*way = found;
		}
	}
	s->in = to;
	s->empty = false;
}

void
shape_json(struct shape *s, const char *in, const char *key, struct slice json)
{
	shape_at(s, in, key);
	buf_slice(s->b, json);
}

void
shape_text(struct shape *s, const char *in, const char *key, struct slice text)
{
	shape_at(s, in, key);
	buf_byte(s->b, '"');
	buf_slice(s->b, text);
	buf_byte(s->b, '"');
}

void
shape_field(struct shape *s, const struct entry *e, enum field f, const struct place *at)
{
	if (e->v[f].type == VALUE_ABSENT || e->v[f].type == VALUE_NULL)
		return;
	shape_at(s, at->in, at->key);
	entry_put_value(e, f, s->b);
}

void
shape_end(struct shape *s)
{
	close_all(s, s->in);
	s->in = record;
	buf_byte(s->b, '}');
}
