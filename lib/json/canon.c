#include "json/canon.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "json/shortest.h"
#include "json/write.h"

/* A value of the text; those in a container follow it. */
struct node {
	enum json_type type;
	bool escaped, key_escaped;
	struct slice key, text;
	size_t next; /* index behind all of it */
};

/* A member on its way to its place. */
struct member {
	struct slice name;
	size_t node;
};

struct canon {
	struct slice text;
	struct node *nodes;
	size_t count, cap;
	struct member *members; /* of the objects being written, a stack */
	size_t member_count;
	struct buf names, scratch; /* names that had to be unescaped; a string being so */
	struct buf *out;
	struct diag *d;
};

static struct node *
add_node(struct canon *c)
{
	if (c->count == c->cap) {
		c->cap *= 2;
		c->nodes = xrealloc(c->nodes, c->cap, sizeof *c->nodes);
	}
	return &c->nodes[c->count++];
}

/* Read the text to nodes. */
static int
collect(struct canon *c, struct json *j)
{
	size_t open[JSON_DEPTH] = { 0 };
	struct json_token t;
	int more;

	json_begin(j, c->text);
	while ((more = json_next(j, &t)) > 0) {
		struct node *n;

		if (t.type == JSON_CLOSE) {
			c->nodes[open[json_depth(j)]].next = c->count;
			continue;
		}
		if (t.type == JSON_ARRAY || t.type == JSON_OBJECT)
			open[json_depth(j) - 1] = c->count;
		n = add_node(c);
		*n = (struct node){ t.type, t.escaped, t.key_escaped, t.key, t.text, c->count };
	}
	if (more < 0)
		return diag_set(c->d, json_diag(j)->rule, json_diag(j)->offset);
	return 0;
}

/* Python's repr(float): an exponent below 1e-4 and from 1e16 on, of two digits at least. */
static void
put_repr(struct buf *b, double v)
{
	struct shortest s;

	if (signbit(v)) {
		buf_byte(b, '-');
		v = -v;
	}
	if (v == 0) {
		buf_str(b, "0.0");
		return;
	}
	s = shortest_digits(v);
	if (s.point > 16 || s.point < -3) {
		buf_byte(b, s.digits[0]);
		if (s.count > 1)
			buf_printf(b, ".%.*s", s.count - 1, s.digits + 1);
		buf_printf(b, "e%c%02d", s.point < 1 ? '-' : '+', abs(s.point - 1));
	} else if (s.point <= 0) {
		buf_add(b, "0.000", (size_t)(2 - s.point));
		buf_add(b, s.digits, (size_t)s.count);
	} else if (s.point < s.count) {
		buf_add(b, s.digits, (size_t)s.point);
		buf_byte(b, '.');
		buf_add(b, s.digits + s.point, (size_t)(s.count - s.point));
	} else {
		buf_add(b, s.digits, (size_t)s.count);
		buf_add(b, "000000000000000", (size_t)(s.point - s.count));
		buf_add(b, ".0", 2);
	}
}

static int
put_number(struct canon *c, struct slice number)
{
	bool integer = true;
	double v;

	for (size_t i = 0; i < number.len; i++)
		integer = integer &&
		    (number.p[i] == '-' || (number.p[i] >= '0' && number.p[i] <= '9'));
	if (integer) {
		buf_slice(c->out, slice_is(number, "-0") ? SLICE("0") : number);
		return 0;
	}
	v = json_double(number);
	if (isinf(v))
		return diag_set(c->d, "range", (size_t)(number.p - c->text.p));
	put_repr(c->out, v);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct member *l = a, *r = b;

	return slice_cmp(l->name, r->name);
}

static void
sort_members(struct member *m, size_t n)
{
	size_t i = 1;

	while (i < n && by_name(&m[i - 1], &m[i]) < 0)
		i++;
	if (i < n)
		qsort(m, n, sizeof *m, by_name);
}

/* Borrows the text or c->names. */
static struct slice
name_of(struct canon *c, const struct node *n)
{
	struct slice name = n->key;

	if (n->key_escaped) {
		size_t at = c->names.len;

		if (at == 0)
			buf_reserve(
			    &c->names, c->text.len); /* and no more: it stays where it is */
		buf_slice(&c->names, json_text(n->key, true, &c->scratch));
		name = (struct slice){ c->names.p + at, c->names.len - at };
	}
	return name;
}

static int put_value(struct canon *c, size_t i);

static int
put_array(struct canon *c, size_t i)
{
	size_t end = c->nodes[i].next;

	buf_byte(c->out, '[');
	for (size_t e = i + 1; e < end; e = c->nodes[e].next) {
		if (e != i + 1)
			buf_add(c->out, ", ", 2);
		if (put_value(c, e) != 0)
			return -1;
	}
	buf_byte(c->out, ']');
	return 0;
}

static int
put_object(struct canon *c, size_t i)
{
	size_t end = c->nodes[i].next, first = c->member_count;
	struct member *m = &c->members[first];

	for (size_t e = i + 1; e < end; e = c->nodes[e].next)
		c->members[c->member_count++] = (struct member){ name_of(c, &c->nodes[e]), e };
	sort_members(m, c->member_count - first);
	buf_byte(c->out, '{');
	for (size_t k = 0, n = c->member_count - first; k < n; k++) {
		if (k > 0)
			buf_add(c->out, ", ", 2);
		json_put_string(c->out, m[k].name, JSON_ASCII);
		buf_add(c->out, ": ", 2);
		if (put_value(c, m[k].node) != 0)
			return -1;
	}
	buf_byte(c->out, '}');
	c->member_count = first;
	return 0;
}

/* Recursion is bounded by JSON_DEPTH. */
static int
put_value(struct canon *c, size_t i)
{
	const struct node *n = &c->nodes[i];

	switch (n->type) {
	case JSON_OBJECT: return put_object(c, i);
	case JSON_ARRAY: return put_array(c, i);
	case JSON_NUMBER: return put_number(c, n->text);
	case JSON_STRING:
		json_put_string(
		    c->out, json_text(n->text, n->escaped, &c->scratch), JSON_ASCII);
		return 0;
	default: buf_slice(c->out, n->text); return 0;
	}
}

int
json_canon(struct json *j, struct slice text, struct buf *out, struct diag *d)
{
	struct canon c = { .text = text, .out = out, .d = d, .cap = 64 };
	size_t before = out->len;
	int r;

	c.nodes = xrealloc(NULL, c.cap, sizeof *c.nodes);
	r = collect(&c, j);
	if (r == 0) {
		c.members = xrealloc(NULL, c.count, sizeof *c.members);
		r = put_value(&c, 0);
	}
	if (r != 0)
		out->len = before;
	free(c.nodes);
	free(c.members);
	buf_free(&c.names);
	buf_free(&c.scratch);
	return r;
}
