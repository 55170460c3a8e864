/* From libyaml's events to nodes. */
#include <stdlib.h>
#include <yaml.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sigma/node.h"

enum { MANY = 32 }; /* members from which on a map is searched by hashing */

/* A container being read. */
struct frame {
	struct node *node;
	struct node *key; /* waiting for its value */
	struct map *seen; /* the keys, once there are many */
};

struct documents {
	yaml_parser_t parser;
	struct arena *arena;
	struct findings *found;
	struct slice text;  /* up to the first byte that libyaml's reader would refuse */
	const char *bad_id; /* what is wrong with that byte; NULL if there is none */
	const char *bad_text;
	struct place bad;
	struct map *anchors; /* names in the document; what they stand for: */
	struct node **anchored;
	uint32_t anchored_cap;
	uint32_t aliases, nodes;
	size_t mark_index,
	    mark_byte; /* of the last scalar: in characters, as libyaml counts, and in bytes */
	bool ended;
	unsigned depth;
	struct frame frames[NODE_DEPTH];
};

struct node *
node_get_slice(const struct node *map, struct slice key)
{
	for (const struct node_pair *p = map->first; p != NULL; p = p->next)
		if (slice_eq(p->key->text, key))
			return p->value;
	return NULL;
}

struct node *
node_get(const struct node *map, const char *key)
{
	return node_get_slice(map, slice_of(key));
}

struct node *
node_key(const struct node *map, const char *key)
{
	for (const struct node_pair *p = map->first; p != NULL; p = p->next)
		if (slice_is(p->key->text, key))
			return p->key;
	return NULL;
}

/* What YAML lets stand in a file (spec 1.1 section 5.1), as libyaml checks it. */
static bool
printable(uint32_t c)
{
	return c == 0x09 || c == 0x0A || c == 0x0D || (c >= 0x20 && c <= 0x7E) || c == 0x85 ||
	    (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
}

/* Where the byte at offset stands, with lines ending where libyaml ends them. */
static struct place
place_of(struct slice text, size_t offset)
{
	struct place at = { 1, 1 };
	const char *p = text.p, *end = text.p + offset;

	while (p < end) {
		uint32_t c = 0;
		unsigned n = utf8_get(p, end, &c);
		bool crlf = c == '\r' && p + 1 < text.p + text.len && p[1] == '\n';

		p += n == 0 ? 1 : n;
		if (!crlf &&
		    (c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029)) {
			at.line++;
			at.column = 1;
		} else {
			at.column++;
		}
	}
	return at;
}

/*
 * Find the first byte that libyaml would refuse.  It reads ahead, so that what it says about such a
 * byte would come before what is wrong with the text in front of it; it is given only that text.
 */
static void
find_bad(struct documents *r)
{
	const char *p = r->text.p, *end = p + r->text.len;

	while (p < end) {
		uint32_t c = 0;
		unsigned n;

		if (*p >= 0x20 && *p < 0x7F) {
			p++;
			continue;
		}
		n = utf8_get(p, end, &c);
		if (n > 0 && printable(c)) {
			p += n;
			continue;
		}
		r->bad_id = n == 0 ? "yaml-utf8" : c == 0 ? "yaml-nul" : "yaml-control";
		r->bad_text = n == 0 ? "invalid UTF-8"
		    : c == 0         ? "a NUL"
				     : "control characters are not allowed";
		r->bad = place_of(r->text, (size_t)(p - r->text.p));
		r->text.len = (size_t)(p - r->text.p);
		return;
	}
}

struct documents *
documents_open(struct arena *a, struct findings *f, struct slice text)
{
	struct documents *r = xzalloc(1, sizeof *r);

	if (slice_starts(text, SLICE("\xEF\xBB\xBF")))
		text = (struct slice){ text.p + 3, text.len - 3 };
	r->arena = a;
	r->found = f;
	r->text = text;
	r->anchors = map_new();
	find_bad(r);
	if (!yaml_parser_initialize(&r->parser)) {
		free(r);
		xrealloc(NULL, SIZE_MAX, 2); /* out of memory: ends the process */
		return NULL;
	}
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text.p, r->text.len);
	return r;
}

static void
close_frames(struct documents *r)
{
	while (r->depth > 0) {
		struct frame *top = &r->frames[--r->depth];

		top->node->open = false;
		map_free(top->seen);
		*top = (struct frame){ 0 };
	}
}

void
documents_free(struct documents *r)
{
	if (r == NULL)
		return;
	close_frames(r);
	yaml_parser_delete(&r->parser);
	map_free(r->anchors);
	free(r->anchored);
	free(r);
}

uint32_t
documents_nodes(const struct documents *r)
{
	return r->nodes;
}

static struct place
place(yaml_mark_t mark)
{
	return (struct place){ (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
}

/* Report what ends the file. */
static void
stop(struct documents *r, struct place at, const char *id, const char *text)
{
	finding_error(r->found, at, id, text);
	r->ended = true;
}

static void
add_anchor(struct documents *r, const yaml_char_t *name, struct node *n)
{
	uint32_t i;

	if (name == NULL)
		return;
	i = map_add(r->anchors, slice_of((const char *)name), NULL);
	if (i >= r->anchored_cap) {
		r->anchored_cap = r->anchored_cap == 0 ? 16 : r->anchored_cap * 2;
		r->anchored = xrealloc(r->anchored, r->anchored_cap, sizeof(struct node *));
	}
	r->anchored[i] = n;
}

static void
check_duplicate(struct documents *r, struct frame *top, struct node *key)
{
	struct node *map = top->node;
	bool added = true;

	if (top->seen == NULL && map->count >= MANY) {
		top->seen = map_new();
		for (struct node_pair *p = map->first; p != NULL; p = p->next)
			map_add(top->seen, p->key->text, NULL);
	}
	if (top->seen != NULL)
		map_add(top->seen, key->text, &added);
	else
		for (struct node_pair *p = map->first; p != NULL && added; p = p->next)
			added = !slice_eq(p->key->text, key->text);
	if (!added)
		finding_error(r->found, key->at, "yaml-duplicate", "duplicate key");
}

/* Take a key: anything but a scalar is reported, and a nameless one put in its place. */
static void
take_key(struct documents *r, struct frame *top, struct node *n)
{
	if (n->kind != NODE_SCALAR) {
		struct node *key = arena_get(r->arena, sizeof *key);

		finding_error(r->found, n->at, "yaml-key", "a list or map is no key");
		*key = (struct node){ .kind = NODE_SCALAR,
			.at = n->at,
			.shift = -1,
			.size = 1,
			.text = SLICE("") };
		top->key = key;
		return;
	}
	if (n->plain && slice_is(n->text, "<<"))
		finding_error(r->found, n->at, "yaml-key", "merge keys are not supported");
	check_duplicate(r, top, n);
	top->key = n;
}

/* Put a node that is complete, or has just begun, where it belongs. */
static void
attach(struct documents *r, struct node *n, struct node **root)
{
	struct frame *top = r->depth > 0 ? &r->frames[r->depth - 1] : NULL;
	struct node_pair *pair;

	if (top == NULL) {
		*root = n;
		return;
	}
	if (top->node->kind == NODE_MAP && top->key == NULL) {
		take_key(r, top, n);
		return;
	}
	pair = arena_get(r->arena, sizeof *pair);
	pair->key = top->key;
	pair->value = n;
	top->key = NULL;
	if (top->node->last == NULL)
		top->node->first = pair;
	else
		top->node->last->next = pair;
	top->node->last = pair;
	top->node->count++;
}

static struct node *
new_node(struct documents *r, enum node_kind kind, yaml_mark_t at)
{
	struct node *n = arena_get(r->arena, sizeof *n);

	n->kind = kind;
	n->at = place(at);
	n->size = 1;
	n->shift = -1;
	r->nodes++;
	return n;
}

static void
check_tag(struct documents *r, const yaml_char_t *tag, yaml_mark_t at)
{
	if (tag != NULL)
		finding_error(r->found, place(at), "yaml-tag", "tags are not supported");
}

/* Does the text of a scalar stand in one line as it is, and how many columns from its start? */
static int8_t
shift_of(const yaml_event_t *e, struct slice text)
{
	size_t width = e->end_mark.column - e->start_mark.column, n;

	if (e->start_mark.line != e->end_mark.line)
		return -1;
	n = utf8_count(text);
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return width == n ? 0 : -1;
	return width == n + 2 ? 1 : -1;
}

/* The text from a mark on; marks only go forward. */
static struct slice
text_from(struct documents *r, yaml_mark_t mark)
{
	while (r->mark_index < mark.index && r->mark_byte < r->text.len) {
		r->mark_byte++;
		while (r->mark_byte < r->text.len &&
		    ((unsigned char)r->text.p[r->mark_byte] & 0xC0) == 0x80)
			r->mark_byte++;
		r->mark_index++;
	}
	return (struct slice){ r->text.p + r->mark_byte, r->text.len - r->mark_byte };
}

static struct node *
scalar(struct documents *r, const yaml_event_t *e)
{
	struct node *n = new_node(r, NODE_SCALAR, e->start_mark);
	struct slice text = { (const char *)e->data.scalar.value, e->data.scalar.length };

	check_tag(r, e->data.scalar.tag, e->start_mark);
	if (memchr(text.p, '\0', text.len) != NULL)
		finding_error(r->found, n->at, "yaml-nul", "a NUL");
	n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	n->text = arena_slice(r->arena, text);
	n->shift = shift_of(e, text);
	n->source = text_from(r, e->start_mark);
	add_anchor(r, e->data.scalar.anchor, n);
	return n;
}

/* The node an alias stands for, or a null with the reason reported. */
static struct node *
alias(struct documents *r, const yaml_event_t *e)
{
	struct place at = place(e->start_mark);
	uint32_t i = map_find(r->anchors, slice_of((const char *)e->data.alias.anchor));
	struct node *n;

	if (++r->aliases > NODE_ALIASES) {
		stop(r, at, "yaml-limit", "more than 100 aliases");
	} else if (i == MAP_NONE) {
		finding_error(r->found, at, "yaml-alias", "an alias without its anchor");
	} else if (r->anchored[i]->open) {
		finding_error(r->found, at, "yaml-alias", "an alias to what it stands in");
	} else {
		n = r->anchored[i];
		r->nodes += n->size; /* below 2 * NODE_COUNT, each at most NODE_COUNT */
		return n;
	}
	n = new_node(r, NODE_SCALAR, e->start_mark);
	n->plain = true;
	n->text = SLICE("");
	return n;
}

static void
open_container(
    struct documents *r, struct node *n, const yaml_char_t *anchor, struct node **root)
{
	add_anchor(r, anchor, n);
	attach(r, n, root);
	if (r->depth == NODE_DEPTH) {
		stop(r, n->at, "yaml-limit", "nested deeper than 64 levels");
		return;
	}
	n->open = true;
	r->frames[r->depth++] = (struct frame){ .node = n };
}

static void
close_container(struct documents *r)
{
	struct frame *top = &r->frames[--r->depth];

	for (struct node_pair *p = top->node->first; p != NULL; p = p->next)
		top->node->size += p->value->size + (p->key != NULL);
	top->node->open = false;
	map_free(top->seen);
	*top = (struct frame){ 0 };
}

static void
take_event(struct documents *r, const yaml_event_t *e, struct node **root)
{
	struct node *n;

	switch (e->type) {
	case YAML_SCALAR_EVENT: attach(r, scalar(r, e), root); break;
	case YAML_ALIAS_EVENT: attach(r, alias(r, e), root); break;
	case YAML_SEQUENCE_START_EVENT:
		check_tag(r, e->data.sequence_start.tag, e->start_mark);
		n = new_node(r, NODE_LIST, e->start_mark);
		open_container(r, n, e->data.sequence_start.anchor, root);
		break;
	case YAML_MAPPING_START_EVENT:
		check_tag(r, e->data.mapping_start.tag, e->start_mark);
		n = new_node(r, NODE_MAP, e->start_mark);
		open_container(r, n, e->data.mapping_start.anchor, root);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: close_container(r); break;
	default: break;
	}
	if (r->nodes > NODE_COUNT && !r->ended)
		stop(r, place(e->start_mark), "yaml-limit", "more than 150,000 nodes");
}

/*
 * Is what ends here the text we gave, and not the document?  Where libyaml meets the end of its input
 * it starts a new line.
 */
static bool
ends_at_bad(const struct documents *r, yaml_mark_t mark)
{
	struct place at = place(mark);

	if (r->bad_id == NULL)
		return false;
	return at.line > r->bad.line || (at.line == r->bad.line && at.column >= r->bad.column);
}

/* Report why libyaml gave up; the text it was not given comes last. */
static void
stop_syntax(struct documents *r)
{
	struct place at = place(r->parser.problem_mark);

	if (ends_at_bad(r, r->parser.problem_mark))
		stop(r, r->bad, r->bad_id, r->bad_text);
	else
		stop(r, at, "yaml-syntax",
		    r->parser.problem != NULL ? r->parser.problem : "out of memory");
}

int
documents_next(struct documents *r, struct document *doc)
{
	bool inside = false;

	*doc = (struct document){ 0 };
	map_clear(r->anchors);
	while (!r->ended) {
		yaml_event_t e;
		bool whole;

		if (!yaml_parser_parse(&r->parser, &e)) {
			stop_syntax(r);
			break;
		}
		whole = e.type == YAML_DOCUMENT_END_EVENT && !ends_at_bad(r, e.start_mark);
		if (e.type == YAML_STREAM_END_EVENT && r->bad_id == NULL)
			r->ended = true;
		else if (e.type == YAML_STREAM_END_EVENT)
			stop(r, r->bad, r->bad_id, r->bad_text);
		else if (e.type == YAML_DOCUMENT_START_EVENT)
			inside = true;
		else if (inside)
			take_event(r, &e, &doc->root);
		yaml_event_delete(&e);
		if (whole && !r->ended)
			return 1;
	}
	close_frames(r);
	doc->cut = inside;
	if (inside)
		doc->end = r->found->v[r->found->n - 1].at;
	return inside;
}
