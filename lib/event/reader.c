#include "event/reader.h"

#include <stdlib.h>

#include "base/mem.h"
#include "event/content.h"
#include "event/format.h"
#include "event/names.h"
#include "json/scan.h"

struct reader {
	struct json *json;
	struct names names[1 + NAMES_INNER]; /* of the record, and of the objects in it */
	const char *in[NAMES_INNER];         /* the names of those */
	unsigned inner;                      /* how many there are */
	struct buf key;                      /* a key with escapes, resolved */
	struct buf texts; /* values with escapes, resolved: never moves while read */
	struct buf scratch;

	/* Of the record being read. */
	unsigned member;           /* the place of its member, from 1 */
	unsigned content, unknown; /* the first member that names content, or nothing known */
};

struct reader *
reader_new(const struct format *format)
{
	struct reader *r = xzalloc(1, sizeof *r);

	r->json = json_new();
	format->names(r);
	return r;
}

void
reader_free(struct reader *r)
{
	if (r == NULL)
		return;
	json_free(r->json);
	buf_free(&r->key);
	buf_free(&r->texts);
	buf_free(&r->scratch);
	free(r);
}

void
reader_name(struct reader *r, const char *in, const char *key, enum field field)
{
	unsigned i = 0;

	if (in != NULL) {
		while (i < r->inner && strcmp(r->in[i], in) != 0)
			i++;
		if (i == r->inner) {
			r->in[r->inner++] = in;
			names_add(&r->names[0],
			    (struct name){
				.key = slice_of(in), .field = FIELD_NONE, .inner = i + 1 });
		}
		i++;
	}
	names_add(&r->names[i], (struct name){ .key = slice_of(key), .field = field });
}

static struct slice
key_of(struct reader *r, const struct json_token *t)
{
	return t->key_escaped ? json_text(t->key, true, &r->key) : t->key;
}

/* Remember the first member in which a key names content. */
static void
note_key(struct reader *r, struct slice key)
{
	if (r->content == 0 && content_key(key))
		r->content = r->member;
}

/* Read to the end of the container that has just been opened, minding its keys.  Returns 0 or -1. */
static int
walk(struct reader *r)
{
	unsigned depth = json_depth(r->json);
	struct json_token t;

	while (json_depth(r->json) >= depth) {
		if (json_next(r->json, &t) == -1)
			return -1;
		if (t.key.p != NULL)
			note_key(r, key_of(r, &t));
	}
	return 0;
}

/* The text of a string, where it stands or in r->texts. */
static struct slice
text_of(struct reader *r, const struct json_token *t)
{
	size_t at = r->texts.len;
	struct slice text;

	if (!t->escaped)
		return t->text;
	text = json_text(t->text, true, &r->scratch);
	buf_slice(&r->texts, text);
	return (struct slice){ r->texts.p + at, text.len };
}

static bool
container(const struct json_token *t)
{
	return t->type == JSON_ARRAY || t->type == JSON_OBJECT;
}

/* One value that is no list where a list is due.  Returns 0 or -1. */
static int
value_get(struct reader *r, const struct json_token *t, struct value *v)
{
	*v = (struct value){ .type = VALUE_OTHER };
	switch (t->type) {
	case JSON_NULL: v->type = VALUE_NULL; break;
	case JSON_TRUE:
	case JSON_FALSE:
		v->type = VALUE_BOOL;
		v->truth = t->type == JSON_TRUE;
		break;
	case JSON_STRING:
		v->type = VALUE_STRING;
		v->text = text_of(r, t);
		break;
	default: return container(t) ? walk(r) : 0;
	}
	return 0;
}

static int
list_get(struct reader *r, struct entry *e)
{
	struct json_token t;
	struct value beyond;

	for (;; e->paths++) {
		if (json_next(r->json, &t) == -1)
			return -1;
		if (t.type == JSON_CLOSE)
			return 0;
		if (value_get(r, &t, e->paths < PATHS_MAX ? &e->path[e->paths] : &beyond) == -1)
			return -1;
	}
}

/* Returns 0, 1 if f is there already, -1 if the scanner refuses. */
static int
field_get(struct reader *r, const struct json_token *t, struct entry *e, enum field f)
{
	struct value *v = &e->v[f];

	if (v->type != VALUE_ABSENT)
		return 1;
	if (t->type == JSON_ARRAY && f < FIELD_COUNT && schema[f].kind == KIND_PATHS) {
		v->type = VALUE_LIST;
		return list_get(r, e);
	}
	return value_get(r, t, v);
}

/* An object was due, and something else is there: so none of its members is of its kind. */
static int
inner_misfit(struct reader *r, const struct json_token *t, struct entry *e, unsigned inner)
{
	const struct names *n = &r->names[inner];

	for (unsigned i = 0; i < n->count; i++)
		e->v[n->name[i].field].type = VALUE_OTHER;
	return container(t) ? walk(r) : 0;
}

/* Read the members of the record, which has just been opened.  Returns as field_get. */
static int
members_get(struct reader *r, struct entry *e)
{
	struct names *here = &r->names[0];
	struct json_token t;
	int got = 0;

	names_restart(here);
	while (got == 0) {
		const struct name *name;
		struct slice key;

		if (json_next(r->json, &t) == -1)
			return -1;
		if (t.type == JSON_CLOSE) {
			if (here == &r->names[0])
				return 0;
			here = &r->names[0];
			continue;
		}
		r->member += here == &r->names[0];
		key = key_of(r, &t);
		name = names_find(here, key);
		if (name == NULL) {
			note_key(r, key);
			if (r->unknown == 0)
				r->unknown = r->member;
			got = container(&t) ? walk(r) : 0;
		} else if (name->field != FIELD_NONE) {
			got = field_get(r, &t, e, name->field);
		} else if (t.type != JSON_OBJECT) {
			got = inner_misfit(r, &t, e, name->inner);
		} else {
			here = &r->names[name->inner];
			names_restart(here);
		}
	}
	return got;
}

/* Read all of the text.  Returns NULL, or the rule that the line itself breaks. */
static const char *
record_get(struct reader *r, struct entry *e)
{
	struct json_token t;
	bool object;
	int got;

	if (json_next(r->json, &t) == -1)
		return json_diag(r->json)->rule;
	object = t.type == JSON_OBJECT;
	got = object ? members_get(r, e) : container(&t) ? walk(r) : 0;
	if (got == 1)
		return "json-duplicate";
	if (got == -1 || json_next(r->json, &t) == -1)
		return json_diag(r->json)->rule;
	return object ? NULL : "json-object";
}

int
reader_get(struct reader *r, struct slice text, struct entry *e, struct refusal *why)
{
	const char *rule;

	r->member = r->content = r->unknown = 0;
	buf_reset(&r->texts);
	buf_reserve(&r->texts, text.len);
	json_begin(r->json, text);
	rule = record_get(r, e);
	if (rule != NULL)
		return refuse(why, rule, NULL);
	if (r->content != 0 || r->unknown != 0) {
		refuse(why, r->content != 0 ? "content-key" : "unknown-key", NULL);
		why->member = r->content != 0 ? r->content : r->unknown;
		return -1;
	}
	return 0;
}
